import { CliError } from './cli-error.ts'
import type { Surroundings } from './surroundings.ts'

/** Lets work clean up after itself at the first Ctrl-C; a second one ends the program at once. */
export async function untilInterrupted<Result>(
  surroundings: Surroundings,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const interrupted = new AbortController()
  const release = surroundings.onInterrupt(() => {
    if (interrupted.signal.aborted) surroundings.exit(130)
    interrupted.abort()
  })
  try {
    return await work(interrupted.signal)
  } catch (error) {
    if (interrupted.signal.aborted) throw new CliError('interrupted; nothing was changed', 130, { cause: error })
    throw error
  } finally {
    release()
  }
}
