/**
 * Works on items as they come, at most `lanes` at a time. After a failure nothing new is begun; it rejects with the first one when
 * all that was under way has ended.
 */
export async function sideBySide<Item>(
  items: AsyncIterable<Item>,
  lanes: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]()
  let failure: { readonly error: unknown } | undefined
  const lane = async () => {
    try {
      while (failure === undefined) {
        const next = await iterator.next()
        if (next.done === true) return
        await work(next.value)
      }
    } catch (error) {
      failure ??= { error }
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  await iterator.return?.()
  if (failure !== undefined) throw failure.error
}
