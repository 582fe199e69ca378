import { Readable } from 'node:stream'
import type { Items } from './route.ts'

const chunkCharacters = 32 * 1024

/**
 * Prints a collection as a JSON array with backpressure. Resolves when the first item is there, so that a collection
 * that cannot be read at all fails before the status line; a later failure cuts the connection. Closing the stream
 * closes the collection.
 */
export async function streamJsonArray(items: Items): Promise<Readable> {
  const iterator = iterate(items)
  const first = await iterator.next()
  const stream = Readable.from(printArray(first, iterator), { objectMode: false, highWaterMark: 2 * chunkCharacters })
  // A stream that is destroyed before anybody reads it has not begun to print, so nothing of that ends either.
  stream.once('close', () => void iterator.return(undefined).catch(() => undefined))
  return stream
}

async function* iterate(items: Items): AsyncGenerator<unknown, undefined> {
  yield* items
}

async function* printArray(first: IteratorResult<unknown, undefined>, rest: AsyncGenerator<unknown, undefined>) {
  try {
    let text = '['
    for (let item = first; item.done !== true; item = await rest.next()) {
      text += `${item === first ? '' : ','}${JSON.stringify(item.value)}`
      if (text.length < chunkCharacters) continue
      yield text
      text = ''
    }
    yield `${text}]`
  } finally {
    await rest.return(undefined)
  }
}
