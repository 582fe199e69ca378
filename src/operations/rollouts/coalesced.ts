/** As `tasks/coalesced.ts`: never twice side by side, calls during a run cause exactly one more. `work` must not throw. */
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
