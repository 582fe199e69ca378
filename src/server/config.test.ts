import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { readConfig } from './config.ts'
import { settings } from './settings.ts'
import { isTlsOn } from './tls/open-tls.ts'

function settingsFile(context: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'deckle-config-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'deckle.yaml')
  writeFileSync(path, text)
  return path
}

describe('settings', () => {
  it('have a default each', () => {
    const config = readConfig({})
    assert.equal(config.httpPort, 8080)
    assert.equal(config.sample, false)
    assert.deepEqual([...config.roles], ['api', 'content', 'worker'])
  })

  it('come from the file, and the environment wins', (context) => {
    const file = settingsFile(context, 'http:\n  port: 8181\n  host: 0.0.0.0\nfeedDirs: [/srv/a, /srv/b]\n')
    const config = readConfig({ DECKLE_CONFIG: file, DECKLE_HTTP_PORT: '9000' })
    assert.deepEqual([config.httpPort, config.httpHost], [9000, '0.0.0.0'])
    assert.deepEqual(config.feedDirs, ['/srv/a', '/srv/b'])
  })

  it('name every unknown key and every bad value at once', (context) => {
    const file = settingsFile(context, 'http:\n  prot: 1\n')
    const environment = {
      DECKLE_CONFIG: file,
      DECKLE_HTTP_PROT: '1',
      DECKLE_HTTP_PORT: 'ninety',
      DECKLE_ROLES: 'cook',
      DECKLE_UPSTREAM_ALLOW: '10.0.0.0/99',
      DECKLE_PLUGINS: 'here/plugin.mjs',
    }
    assert.throws(
      () => readConfig(environment),
      (error: Error) =>
        [
          'http.prot',
          'DECKLE_HTTP_PROT',
          'DECKLE_HTTP_PORT',
          'DECKLE_ROLES',
          'DECKLE_UPSTREAM_ALLOW',
          'DECKLE_PLUGINS',
        ].every((name) => error.message.includes(name)),
    )
  })

  it('want a key for each certificate, and switch TLS on where one of its settings is given', () => {
    assert.throws(() => readConfig({ DECKLE_TLS_CERT: '/a.pem' }), /DECKLE_TLS_CERT .* a key for each certificate/)
    const isOn = (environment: NodeJS.ProcessEnv) => isTlsOn(readConfig(environment))
    assert.equal(isOn({}), false)
    for (const given of [{ DECKLE_TLS: 'true' }, { DECKLE_HTTPS_PORT: '8443' }, { DECKLE_TLS_NAMES: 'a.test' }]) {
      assert.equal(isOn(given), true)
      assert.equal(isOn({ ...given, DECKLE_TLS: 'false' }), false)
    }
  })

  it('keep files at least as long as publications that use them are served', () => {
    const settings = { DECKLE_PUBLICATION_GRACE: '600', DECKLE_BLOB_GRACE: '610' }
    assert.throws(() => readConfig(settings), /DECKLE_BLOB_GRACE .* must be more than DECKLE_PUBLICATION_GRACE/)
    assert.equal(readConfig({ ...settings, DECKLE_BLOB_GRACE: '611' }).blobGrace, 611)
  })

  it('believe proxies by their addresses, all or none', () => {
    const read = (value: string) => readConfig({ DECKLE_TRUST_PROXY: value }).trustProxy
    assert.deepEqual([readConfig({}).trustProxy, read('true'), read('off')], [false, true, false])
    assert.deepEqual(read('127.0.0.1, 10.0.0.0/8,::1/128'), ['127.0.0.1', '10.0.0.0/8', '::1/128'])
    for (const wrong of ['proxy.example', '10.0.0.0/33', '1', '10.0.0.1/8/8', '127.0.0.1,x', '10.0.0.0/']) {
      assert.throws(() => read(wrong), /DECKLE_TRUST_PROXY/, wrong)
    }
  })

  it('open the Rancher API to everybody only on this machine, or where that is said twice', () => {
    const open = { DECKLE_RANCHER_ACCESS_CONTROL: 'off' }
    assert.deepEqual([readConfig({}).rancherAccessControl, readConfig(open).rancherAccessControl], [true, false])
    for (const host of ['127.0.0.1', '127.8.9.10', '::1', 'localhost']) {
      assert.doesNotThrow(() => readConfig({ ...open, DECKLE_HTTP_HOST: host }), host)
    }
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.example.org']) {
      const reached = { ...open, DECKLE_HTTP_HOST: host }
      assert.throws(() => readConfig(reached), /DECKLE_ALLOW_OPEN/, host)
      assert.doesNotThrow(() => readConfig({ ...reached, DECKLE_ALLOW_OPEN: 'true' }), host)
      assert.doesNotThrow(() => readConfig({ DECKLE_HTTP_HOST: host }), host)
    }
  })

  it('never print a value, which may be a secret', () => {
    const environment = { DECKLE_HTTP_PORT: 'hunter2' }
    assert.throws(
      () => readConfig(environment),
      (error: Error) => !error.message.includes('hunter2'),
    )
  })

  it('are all in the guide', () => {
    const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'guide.md'), 'utf8')
    const missing = Object.values(settings).filter(
      ({ key, environment }) => !guide.includes(`| \`${key}\` | \`${environment}\` |`),
    )
    assert.deepEqual(missing, [])
  })

  it('leave the variables of the command line and of tests alone', () => {
    assert.doesNotThrow(() => readConfig({ DECKLE_URL: 'http://x', DECKLE_TEST_SEED: '1' }))
  })
})
