import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readConfig } from '../server/config.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { TestAuthority } from '../testing/test-authority.ts'
import { examineTls } from './examine-tls.ts'

const dayMs = 24 * 3600 * 1000

async function findings(environment: NodeJS.ProcessEnv) {
  const list = await Array.fromAsync(examineTls(readConfig(environment)))
  return list.map(({ check, state, message }) => `${state} ${check}: ${message}`)
}

describe('the doctor', () => {
  it('says nothing of TLS where it is off, and that the first start makes what is missing', async () => {
    const data = await temporaryFolder()
    assert.deepEqual(await findings({ DECKLE_DATA_DIR: data }), [])
    assert.deepEqual(await findings({ DECKLE_DATA_DIR: data, DECKLE_TLS: 'true' }), [
      'ok TLS certificate: the first start makes it',
      'ok TLS authority: the first start makes it',
    ])
  })

  it('warns of certificates that end, and of a key that everybody reads', async () => {
    const folder = await temporaryFolder()
    const authority = await TestAuthority.make()
    const [cert, key] = [join(folder, 'a.pem'), join(folder, 'a.key')]
    const given = { DECKLE_DATA_DIR: folder, DECKLE_TLS_CERT: cert, DECKLE_TLS_KEY: key }
    await mkdir(join(folder, 'tls'))
    await writeFile(join(folder, 'tls', 'ca.pem'), authority.certificate)
    for (const [days, expected] of [
      [90, /^ok TLS certificate: .*a\.pem is valid until/],
      [10.5, /^warning TLS certificate: .*ends on \d{4}-\d\d-\d\d, in 10 days/],
      [-1, /^problem TLS certificate: .*has ended on/],
    ] as const) {
      const made = await authority.server(['a.test'], { notAfter: new Date(Date.now() + days * dayMs) })
      await writeFile(cert, made.certificate)
      await writeFile(key, made.key, { mode: 0o600 })
      const [found, own, ...rest] = await findings(given)
      assert.match(found ?? '', expected)
      assert.match(own ?? '', /^ok TLS authority: .*ca\.pem is valid until/)
      assert.deepEqual(rest, [])
    }
    await chmod(key, 0o644)
    assert.match((await findings(given)).join('\n'), /^warning TLS key: .*a\.key can be read by everybody/m)
  })

  it('names files that cannot be used', async () => {
    const folder = await temporaryFolder()
    const [cert, key, ca] = ['a.pem', 'a.key', 'ca.pem'].map((name) => join(folder, name))
    const authority = await TestAuthority.make()
    const made = await authority.server(['a.test'])
    await writeFile(cert ?? '', authority.certificate)
    await writeFile(key ?? '', made.key, { mode: 0o600 })
    await writeFile(ca ?? '', 'no certificate')
    const settings = { DECKLE_TLS_CERT: cert, DECKLE_TLS_KEY: key, DECKLE_TLS_CLIENT_CA: ca }
    const text = (await findings({ DECKLE_DATA_DIR: folder, ...settings })).join('\n')
    assert.match(text, /problem TLS certificate: .*a\.pem cannot be used: the key is not the key of the certificate/)
    assert.match(text, /problem TLS client authorities: .*ca\.pem cannot be used/)
  })
})
