/** A failure with a message for people; printed without a stack. */
export class BootstrapError extends Error {}

/** The user stopped us; the process ends by the same signal. */
export class Interrupted extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`stopped by ${signal}`)
    this.signal = signal
  }
}

/** Standard output belongs to the program that is started, so all words of the bootstrap go to standard error. */
export function say(/** @type {string} */ line) {
  process.stderr.write(`deckle: ${line}\n`)
}

/**
 * Runs one step and says what and why before, and how long it took after.
 * @template Result
 * @param {string} what
 * @param {string} why
 * @param {() => Promise<Result>} work
 */
export async function step(what, why, work) {
  const start = performance.now()
  say(`${what} (${why}) …`)
  const result = await work()
  say(`${what}: done in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return result
}
