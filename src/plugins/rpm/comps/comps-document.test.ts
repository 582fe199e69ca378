import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FormatError } from '../../../formats/format-error.ts'
import { compsUnits, listComps } from './comps-document.ts'

const group =
  '<group><id>a</id><name xml:lang="de">x</name><packagelist><packagereq>p</packagereq></packagelist></group>'
const whole = Buffer.from(`<?xml version="1.0"?><comps>${group}<langpacks><match name="a"/></langpacks></comps>`)

async function read(bytes: Uint8Array): Promise<number> {
  const listing = await listComps([bytes], () => true)
  return (await Array.fromAsync(compsUnits([bytes], listing, () => new Map()))).length
}

describe('a comps.xml', () => {
  it('is read or refused, whatever is in it', async () => {
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    const damaged = damage.map((bytes) => {
      const copy = Buffer.from(whole)
      for (const [at, byte] of bytes) copy[at] = byte
      return copy
    })
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, fc.uint8Array()), async (bytes) => {
        const count = await read(bytes).catch((error) => {
          assert.ok(error instanceof FormatError, String(error))
          return 0
        })
        assert.ok(count <= 2)
      }),
    )
    assert.equal(await read(whole), 2)
  })

  it('is refused when it lists more than anybody has', async () => {
    const many = Buffer.from(`<comps>${'<group/>'.repeat(100_001)}</comps>`)
    await assert.rejects(read(many), (error) => error instanceof FormatError && error.fault === 'too-large')
  })
})
