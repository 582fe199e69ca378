import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Sealer } from './sealer.ts'

describe('a sealed secret', () => {
  const sealer = new Sealer(randomBytes(32))

  it('opens to what it was, and looks different each time', () => {
    const text = fc.string({ unit: 'binary' }).map((one) => one.toWellFormed())
    fc.assert(
      fc.property(text, (secret) => {
        const [one, other] = [sealer.seal(secret), sealer.seal(secret)]
        assert.notEqual(one, other)
        assert.deepEqual([sealer.open(one), sealer.open(other)], [secret, secret])
      }),
    )
  })

  it('does not open with another key, changed, or when it is none', () => {
    const sealed = sealer.seal('secret')
    assert.equal(new Sealer(randomBytes(32)).open(sealed), undefined)
    const bytes = Buffer.from(sealed, 'base64')
    for (const [at, byte] of bytes.entries()) {
      const changed = Buffer.from(bytes)
      changed[at] = byte ^ 1
      assert.equal(sealer.open(changed.toString('base64')), undefined, `byte ${at}`)
    }
    for (const none of ['', 'secret', sealed.slice(0, 20)]) assert.equal(sealer.open(none), undefined, none)
  })
})
