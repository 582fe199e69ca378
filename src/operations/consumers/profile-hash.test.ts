import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sha256Hex } from '../../core/digest.ts'
import { profileHash } from './profile-hash.ts'

const elephant = { vendor: 'Fedora', name: 'elephant', epoch: 0, version: '0.2', release: '0.7', arch: 'noarch' }

describe('The hash of a profile', () => {
  it('is the one that a real server answered', () => {
    assert.equal(profileHash([elephant]), 'db16b75e977ae3fbbf27beb919693137b26ba59eb7be73f2888197b89521e50d')
  })

  it('does not depend on the order of members, but on that of entries', () => {
    const reversed = Object.fromEntries(Object.entries(elephant).toReversed())
    const other = { ...elephant, name: 'lion' }
    assert.equal(profileHash([reversed]), profileHash([elephant]))
    assert.notEqual(profileHash([elephant, other]), profileHash([other, elephant]))
  })

  it('escapes what is not ASCII, beyond the basic plane too', () => {
    const escaped = String.raw`["\u00fc\ud83d\udc18\u007f"]`
    assert.equal(profileHash(['ü🐘\u007f']), sha256Hex(escaped))
  })
})
