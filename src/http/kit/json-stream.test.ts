import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { streamJsonArray } from './json-stream.ts'

describe('A streamed array', () => {
  it('is the JSON of its items', async () => {
    assert.equal(await text(await streamJsonArray([])), '[]')
    assert.equal(await text(await streamJsonArray([{ a: 1 }, null, 'x'])), '[{"a":1},null,"x"]')
  })

  it('of many items comes in several pieces that make one array', async () => {
    const items = Array.from({ length: 5000 }, (_, index) => ({ index, text: 'x'.repeat(50) }))
    const pieces: string[] = []
    for await (const piece of await streamJsonArray(items)) pieces.push(String(piece))
    assert.ok(pieces.length > 3)
    assert.deepEqual(JSON.parse(pieces.join('')), items)
  })

  it('fails before it starts when the first item cannot be read', async () => {
    await assert.rejects(() => streamJsonArray(failing(0)), /broken/)
  })

  it('fails on the way when a later item cannot be read', async () => {
    const stream = await streamJsonArray(failing(1))
    await assert.rejects(() => text(stream), /broken/)
  })

  it('closes the collection when it is dropped before anybody reads it', async () => {
    const end = Promise.withResolvers<void>()
    async function* some() {
      try {
        yield 1
      } finally {
        end.resolve()
      }
    }
    const stream = await streamJsonArray(some())
    stream.destroy()
    await end.promise
  })

  it('reads no further than its reader, and closes the collection with itself', async () => {
    let read = 0
    let closed = () => {}
    const end = new Promise<void>((resolve) => {
      closed = resolve
    })
    async function* endless() {
      try {
        for (;;) yield { number: read++, text: 'x'.repeat(1000) }
      } finally {
        closed()
      }
    }
    const stream = await streamJsonArray(endless())
    await new Promise((resolve) => stream.once('data', resolve))
    stream.pause()
    stream.destroy()
    await end
    assert.ok(read < 1000, `${read} items were read`)
  })
})

async function* failing(after: number) {
  for (let index = 0; index < after; index++) yield index
  throw new Error('broken')
}
