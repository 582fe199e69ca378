import { cancelled } from '../core/errors.ts'

/**
 * The same chunks, but the iteration throws kind `cancelled` as soon as `signal` aborts, even while the source is silent.
 * One listener for the whole body: a promise that outlives the chunks would collect a reaction for each of them.
 */
export async function* abortable<T>(body: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  if (signal === undefined) return yield* body
  const iterator = body[Symbol.asyncIterator]()
  let interrupt = (): void => undefined
  const onAbort = (): void => interrupt()
  signal.addEventListener('abort', onAbort)
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        interrupt = () => reject(cancelled())
        if (signal.aborted) return interrupt()
        iterator.next().then(resolve, reject)
      })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    const closed = Promise.resolve(iterator.return?.()).catch(() => undefined)
    // A source that is stuck would never answer.
    if (!signal.aborted) await closed
  }
}
