import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMessage, encryptKey, readKey, readPrivateKey, readSignature, verify } from 'openpgp'
import { MemorySigningKeys, memorySigner } from '../testing/memory-signer.ts'
import { makeOpenPgpKey } from './open-pgp.ts'

const bytes = Buffer.from('<repomd/>\n')

/** Throws unless it is a signature of these bytes by this key. */
async function requireSignature(armoredSignature: string, armoredKey: string, of: Uint8Array): Promise<void> {
  const { signatures } = await verify({
    message: await createMessage({ binary: new Uint8Array(of) }),
    signature: await readSignature({ armoredSignature }),
    verificationKeys: await readKey({ armoredKey }),
  })
  assert.equal(await signatures[0]?.verified, true)
}

describe('the signer', () => {
  it('makes its key with the first need, once for all processes, and keeps it sealed', async () => {
    const store = new MemorySigningKeys()
    const [one, other] = [memorySigner({ store }), memorySigner({ store })]
    const [signature] = await Promise.all([one.sign(bytes), other.publicKey()])
    assert.equal(await one.publicKey(), await other.publicKey())
    await requireSignature(signature, await other.publicKey(), bytes)
    await assert.rejects(requireSignature(signature, await other.publicKey(), Buffer.from('<repomd />\n')))
    assert.match(await one.publicKey(), /^-----BEGIN PGP PUBLIC KEY BLOCK-----/)
    assert.doesNotMatch(JSON.stringify(store.stored), /PRIVATE KEY/)
  })

  it('makes keys and signatures that old readers know: RSA, SHA-256, nothing that must be told', async () => {
    const signer = memorySigner()
    const key = await readKey({ armoredKey: await signer.publicKey() })
    const { algorithm, bits } = key.getAlgorithmInfo()
    assert.deepEqual([algorithm, bits, key.keyPacket.version], ['rsaEncryptSign', 3072, 4])
    assert.ok(key.getCreationTime() < new Date(Date.now() - 3600_000))
    assert.equal(await key.getExpirationTime(), Number.POSITIVE_INFINITY)
    const { packets } = await readSignature({ armoredSignature: await signer.sign(bytes) })
    const hashAlgorithmOfSha256 = 8
    assert.deepEqual([packets.length, packets[0]?.hashAlgorithm], [1, hashAlgorithmOfSha256])
    assert.deepEqual(packets[0]?.rawNotations, [])
  })

  it('signs with a key that is given to it, and makes none', async () => {
    const store = new MemorySigningKeys()
    const made = await makeOpenPgpKey('Operator')
    const signer = memorySigner({ store, given: async () => ({ armored: made.privateKey, name: 'the file k' }) })
    await requireSignature(await signer.sign(bytes), made.publicKey, bytes)
    const { users } = await readKey({ armoredKey: await signer.publicKey() })
    assert.deepEqual([users[0]?.userID?.userID, store.stored], ['Operator', undefined])
    assert.doesNotMatch(await signer.publicKey(), /PRIVATE/)
  })

  it('says what is wrong with a key that is given to it', async () => {
    const made = await makeOpenPgpKey('Operator')
    const locked = await encryptKey({
      privateKey: await readPrivateKey({ armoredKey: made.privateKey }),
      passphrase: 'x',
    })
    for (const [armored, reason] of [
      ['no key', /the file k is no private OpenPGP key/],
      [made.publicKey, /the file k is no private OpenPGP key/],
      [locked.armor(), /the file k .*passphrase/],
    ] as const) {
      const signer = memorySigner({ given: async () => ({ armored, name: 'the file k' }) })
      await assert.rejects(signer.sign(bytes), { kind: 'invalid', message: reason })
      await assert.rejects(signer.publicKey(), { kind: 'invalid', message: reason })
    }
  })

  it('is not left half open by a store that fails once', async () => {
    const store = new MemorySigningKeys()
    const signer = memorySigner({ store })
    store.away = true
    await assert.rejects(signer.sign(bytes), /away/)
    store.away = false
    assert.match(await signer.sign(bytes), /BEGIN PGP SIGNATURE/)
  })
})
