/** Work that is under way at once: compressing is done by other threads. */
const atOnce = 4

/**
 * Prepares each value in turn, then lets what that returns run side by side; the outcomes come in the order of the values. Reads no
 * further ahead than it works.
 */
export async function* inOrder<Value, Outcome>(
  values: AsyncIterable<Value>,
  prepare: (value: Value) => Promise<() => Promise<Outcome>>,
): AsyncGenerator<Outcome> {
  const running: Promise<Outcome>[] = []
  for await (const value of values) {
    const outcome = (await prepare(value))()
    // Whoever waits for it hears of it.
    outcome.catch(() => undefined)
    running.push(outcome)
    const first = running.length < atOnce ? undefined : running.shift()
    if (first !== undefined) yield await first
  }
  for (const outcome of running) yield await outcome
}
