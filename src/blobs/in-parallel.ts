/** Runs `work` on all items, at most `limit` at once. Waits for those under way before it throws the first error. */
export async function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await work(next.value)
  }
  const lanes = await Promise.allSettled(Array.from({ length: limit }, lane))
  for (const result of lanes) if (result.status === 'rejected') throw result.reason
}
