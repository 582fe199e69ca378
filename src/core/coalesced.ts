/**
 * Makes a function of `work` that may be called at any time: it never runs twice side by side, and calls during a run cause
 * exactly one more. The promise resolves when nothing is left to do. `work` must not throw.
 */
export function coalesced(work: () => Promise<void>): () => Promise<void> {
  let again = false
  let running: Promise<void> | undefined
  const run = async () => {
    while (again) {
      again = false
      await work()
    }
    running = undefined
  }
  return () => {
    again = true
    running ??= run()
    return running
  }
}
