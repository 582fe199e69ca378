import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { packageTags, rpmFile, type Tags } from '../../testing/rpm-file.ts'
import { readPackageHead } from './package-head.ts'
import { signatureTags } from './rpm-tags.ts'
import { signingKey } from './signing-key.ts'

const id = Buffer.from('0123456789abcdef', 'hex')
const fingerprint = Buffer.concat([Buffer.alloc(12, 0x55), id])
const longFingerprint = Buffer.concat([id, Buffer.alloc(24, 0x66)])
const created = subpacket(2, Buffer.alloc(4))

function subpacket(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([body.length + 1, type]), body])
}

function packet(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x88, body.length]), body])
}

function version3(): Buffer {
  return Buffer.concat([Buffer.from([3, 5, 0, 0, 0, 0, 0]), id, Buffer.from([1, 8, 0, 0])])
}

function version4(hashed: Buffer, unhashed: Buffer): Buffer {
  const lengths = [Buffer.from([0, hashed.length]), Buffer.from([0, unhashed.length])]
  return Buffer.concat([
    Buffer.from([4, 0, 1, 8]),
    lengths[0] ?? id,
    hashed,
    lengths[1] ?? id,
    unhashed,
    Buffer.alloc(4),
  ])
}

function version6(hashed: Buffer): Buffer {
  const length = Buffer.from([0, 0, 0, hashed.length])
  return Buffer.concat([Buffer.from([6, 0, 27, 8]), length, hashed, Buffer.alloc(4)])
}

async function keyOf(...signature: Tags): Promise<string | undefined> {
  return signingKey((await readPackageHead([rpmFile({ header: packageTags(), signature })])).signature)
}

const issuer = subpacket(16, id)
const issuerFingerprint = subpacket(33, Buffer.concat([Buffer.from([4]), fingerprint]))
const criticalFingerprint = subpacket(33 | 0x80, Buffer.concat([Buffer.from([6]), longFingerprint]))

describe('the key that a package was signed with', () => {
  it('is named by signatures of all versions, among the hashed subpackets or the others', async () => {
    const signatures = [
      version3(),
      version4(created, issuer),
      version4(Buffer.concat([created, issuer]), Buffer.alloc(0)),
      version4(Buffer.concat([issuerFingerprint, created]), Buffer.alloc(0)),
      version6(Buffer.concat([created, criticalFingerprint])),
    ]
    for (const [at, body] of signatures.entries()) {
      const value = { binary: packet(body) }
      assert.equal(await keyOf([signatureTags.rsaHeader, value]), id.toString('hex'), `signature ${at}`)
    }
  })

  it('is found in each of the tags, and in both forms of a packet', async () => {
    const body = version4(created, issuer)
    const long = Buffer.concat([Buffer.from([0x89, 0, body.length]), body])
    const newForm = Buffer.concat([Buffer.from([0xc2, body.length]), body])
    const { dsaHeader, pgp, gpg, openPgp } = signatureTags
    for (const binary of [packet(body), long, newForm])
      for (const tag of [dsaHeader, pgp, gpg]) assert.equal(await keyOf([tag, { binary }]), id.toString('hex'))
    const texts = ['no signature', packet(body).toString('base64')]
    assert.equal(await keyOf([openPgp, { texts }]), id.toString('hex'))
  })

  it('is not there without a signature, or with a broken one', async () => {
    assert.equal(await keyOf(), undefined)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.boolean(), async (bytes, asSignature) => {
        const binary = asSignature ? packet(Buffer.concat([Buffer.from([4]), bytes])) : Buffer.from(bytes)
        const key = await keyOf([signatureTags.rsaHeader, { binary }])
        assert.ok(key === undefined || /^[0-9a-f]{16}$/.test(key))
      }),
    )
  })
})
