import { endBy } from './run.mjs'
import { BootstrapError, Interrupted, say } from './say.mjs'

/** Runs a bootstrap; what it cannot do is said in one message and ends the process with 1, or by the user's signal. */
export async function main(work) {
  try {
    await work()
  } catch (error) {
    if (error instanceof Interrupted) return endBy(error.signal)
    if (!(error instanceof BootstrapError)) throw error
    say(error.message)
    process.exit(1)
  }
}
