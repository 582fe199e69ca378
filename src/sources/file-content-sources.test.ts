import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { JsonObject } from '../core/json.ts'
import { type Log, silentLog } from '../core/log.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { FileContentSources } from './file-content-sources.ts'

async function withFiles(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const warnings: JsonObject[] = []
  const log: Log = { ...silentLog, warn: (_message, fields) => void warnings.push(fields ?? {}) }
  return { folder, warnings, sources: new FileContentSources(folder, log) }
}

const plain = '[near]\nenabled: 1\ntype: yum\nbase_url: http://example.com/mirror\n'

describe('FileContentSources', () => {
  it('reads what the files *.conf declare, by priority', async () => {
    const far = `[far]\nenabled: false\ntype: yum\npriority: 2\nexpires: 3d\nbase_url: https://ann:p%40ss@far.example/
paths: a/ b
max_concurrent: 3
max_speed: 1000
ssl_validation: false
proxy_url: http://proxy.example
proxy_port: 3128
proxy_username: bob
proxy_password: secret
`
    const { sources } = await withFiles({ 'b.conf': plain, 'a.conf': far, 'c.txt': 'no' })
    const [near, second, ...rest] = await sources.list()
    assert.deepEqual([near?.id, second?.id, rest.length], ['near', 'far', 0])
    assert.deepEqual([near?.enabled, near?.priority, near?.expiresSeconds], [true, 0, 86_400])
    assert.deepEqual(near?.baseUrls, ['http://example.com/mirror/'])
    assert.deepEqual(near?.upstream, { feed: 'http://example.com/mirror/', tls: { verify: true } })
    assert.deepEqual([second?.enabled, second?.expiresSeconds], [false, 259_200])
    assert.deepEqual(second?.baseUrls, ['https://far.example/a/', 'https://far.example/b/'])
    assert.deepEqual(second?.upstream, {
      feed: 'https://far.example/',
      tls: { verify: false },
      maxDownloads: 3,
      maxSpeed: 1000,
      basicAuth: { username: 'ann', password: 'p@ss' },
      proxy: { host: 'http://proxy.example', port: 3128, username: 'bob', password: 'secret' },
    })
    assert.equal(second?.entries['max_concurrent'], '3')
  })

  it('reads certificates and keys from their files', async () => {
    const { folder, sources } = await withFiles({})
    const files = { ssl_ca_cert: 'ca', ssl_client_cert: 'certificate', ssl_client_key: 'key' }
    const lines = Object.entries(files).map(([key, name]) => `${key}: ${join(folder, name)}\n`)
    for (const name of Object.values(files)) await writeFile(join(folder, name), `PEM of ${name}`)
    await writeFile(join(folder, 'a.conf'), plain + lines.join(''))
    const [source] = await sources.list()
    const tls = { verify: true, ca: 'PEM of ca', certificate: 'PEM of certificate', key: 'PEM of key' }
    assert.deepEqual(source?.upstream.tls, tls)
  })

  it('leaves out what cannot be used, and says why, once', async () => {
    const faults: Readonly<Record<string, string>> = {
      'type: yum\nbase_url: http://x/': 'enabled',
      'enabled: perhaps\ntype: yum\nbase_url: http://x/': 'enabled',
      'enabled: 1\nbase_url: http://x/': 'type',
      'enabled: 1\ntype: yum': 'base_url',
      'enabled: 1\ntype: yum\nbase_url: ftp://x/': 'base_url',
      'enabled: 1\ntype: yum\nbase_url: http://x/\nexpires: soon': 'expires',
      'enabled: 1\ntype: yum\nbase_url: http://x/\nmax_concurrent: 0': 'max_concurrent',
      'enabled: 1\ntype: yum\nbase_url: http://x/\npriority: -1': 'priority',
      'enabled: 1\ntype: yum\nbase_url: http://x/\nssl_client_key: /does/not/exist': 'ssl_client_key',
    }
    const bad = Object.keys(faults).map((text, index) => `[bad-${index}]\n${text}\n`)
    const { folder, sources, warnings } = await withFiles({
      'a.conf': bad.join(''),
      'b.conf': 'what',
      'c.conf': plain,
      'd.conf': plain,
    })
    await mkdir(join(folder, 'e.conf'))
    for (let again = 0; again < 2; again += 1) {
      assert.deepEqual(
        (await sources.list()).map(({ id }) => id),
        ['near'],
      )
    }
    const reasons = warnings.map(({ reason }) => String(reason))
    assert.deepEqual(
      reasons.slice(0, Object.keys(faults).length).map((reason) => reason.split(' ')[0]),
      Object.values(faults),
    )
    assert.equal(reasons.length, Object.keys(faults).length + 3)
  })

  it('has none without a folder, or in one that is not there', async () => {
    assert.deepEqual(await new FileContentSources(undefined, silentLog).list(), [])
    assert.deepEqual(await new FileContentSources('/does/not/exist', silentLog).list(), [])
  })
})
