import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { TestAuthority } from '../testing/test-authority.ts'
import { trustedAuthorities } from './authority.ts'

describe('The authorities that the settings trust', () => {
  it('are those of the file as it is now, and of before while it cannot be used', async () => {
    const path = join(await temporaryFolder(), 'clients.pem')
    const [one, two] = await Promise.all([TestAuthority.make('one'), TestAuthority.make('two')])
    const trusted = trustedAuthorities(path)
    const names = async () => (await trusted()).map(({ subject }) => subject)
    assert.deepEqual(await names(), [])
    await writeFile(path, one.certificate + two.certificate)
    assert.deepEqual(await names(), ['CN=one', 'CN=two'])
    const damaged = two.certificate.replace(/\n.{20}/, '\nAAAA')
    for (const text of ['', 'no PEM', damaged]) {
      await writeFile(path, text)
      assert.deepEqual(await names(), ['CN=one', 'CN=two'])
    }
    await rm(path)
    assert.deepEqual(await names(), ['CN=one', 'CN=two'])
    await writeFile(path, two.certificate)
    assert.deepEqual(await names(), ['CN=two'])
  })

  it('are none without a setting', async () => {
    assert.deepEqual(await trustedAuthorities(undefined)(), [])
  })
})
