import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { maskSecrets, maskUrlPasswords, unmaskSecrets } from './secrets.ts'

describe('secrets', () => {
  it('are shown as five asterisks, whatever their length', () => {
    const shown = maskSecrets({ feed: 'http://a/', proxy_password: 'very secret', max_speed: 5 }, ['proxy_password'])
    assert.deepEqual(shown, { feed: 'http://a/', proxy_password: '*****', max_speed: 5 })
  })

  it('are hidden inside URLs while user and host stay readable', () => {
    assert.equal(maskUrlPasswords('see https://me:p%40ss@host:8080/x?y=1'), 'see https://me:*****@host:8080/x?y=1')
    assert.equal(maskUrlPasswords('http://host:80/a@b'), 'http://host:80/a@b')
  })

  it('are hidden inside URLs when they hold an at sign or stand without a user', () => {
    assert.equal(maskUrlPasswords('ftp://me:p@ss@host/'), 'ftp://me:*****@host/')
    assert.equal(maskUrlPasswords('https://token@host/'), 'https://*****@host/')
  })

  it('stay unchanged when their mask comes back', () => {
    const stored = { feed: 'http://me:pw@host/', basic_auth_password: 'old' }
    const sent = { feed: 'http://me:*****@host/', basic_auth_password: '*****' }
    assert.deepEqual(unmaskSecrets(sent, stored, ['basic_auth_password']), stored)
  })

  it('change when something else than their mask comes', () => {
    const stored = { feed: 'http://me:pw@host/', basic_auth_password: 'old' }
    const sent = { feed: 'http://me:*****@other/', basic_auth_password: 'new' }
    assert.deepEqual(unmaskSecrets(sent, stored, ['basic_auth_password']), sent)
  })

  it('are hidden inside certificates that a client is to have, which stay readable', () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
    const block = (kind: string, key: string) => `-----BEGIN ${kind}-----\n${key}\n-----END ${kind}-----`
    for (const kind of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY']) {
      const stored = { auth_cert: `${certificate}${block(kind, 'DEK-Info: x\nhush')}\n${certificate}` }
      const shown = maskSecrets(stored, [])
      assert.deepEqual(shown, { auth_cert: `${certificate}${block(kind, '*****')}\n${certificate}` })
      assert.deepEqual(unmaskSecrets(shown, stored, []), stored)
      const cut = maskSecrets({ auth_cert: `-----BEGIN ${kind}-----\nhush` }, [])
      assert.doesNotMatch(JSON.stringify(cut), /hush/)
    }
  })

  it('may be null, which is shown as null', () => {
    assert.deepEqual(maskSecrets({ proxy_password: null }, ['proxy_password']), { proxy_password: null })
  })
})
