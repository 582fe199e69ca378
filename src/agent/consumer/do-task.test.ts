import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { JsonObject } from '../../core/json.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { taskDoer } from './do-task.ts'
import { SystemFiles } from './system-files.ts'

describe('a binding on the system of a consumer', () => {
  async function system() {
    const root = await temporaryFolder()
    const doTask = taskDoer({
      run: async () => ({ code: 0, output: '' }),
      ...{ root, packageCommand: ['dnf'], allowReboot: false },
      files: new SystemFiles(root),
      server: 'http://deckle:8080',
      changed: async () => undefined,
    })
    const act = (operation: string, given: JsonObject) => {
      const names = { consumer: 'east', repository: 'zoo', distributor: 'web', options: {}, ...given }
      const order = { kind: 'task', task: 't', operation, arguments: names } as const
      return doTask(order, new AbortController().signal, () => undefined)
    }
    const bind = (payload: JsonObject, type = 'yum_distributor') => act('consumer-bind', { type, payload })
    const unbind = () => act('consumer-unbind', { payload: null })
    const text = () => readFile(join(root, 'etc/yum.repos.d/deckle.repo'), 'utf8')
    return { root, act, bind, unbind, text }
  }

  const payload = {
    repo_name: 'The zoo',
    server_name: 'deckle.example.com',
    relative_path: '/pulp/repos/zoo',
    protocols: ['http', 'https'],
    gpg_keys: { 'zoo.key': 'A KEY', '../../evil': 'B KEY' },
    ca_cert: 'CA',
    client_cert: 'CLIENT',
  }

  it('is a section of the repository file, with keys and certificates as files of its own', async () => {
    const { root, bind, text } = await system()
    const report = { repo_id: 'zoo', succeeded: true, details: {} }
    assert.deepEqual(await bind(payload), {
      ...{ succeeded: true, num_changes: 0, reboot: { scheduled: false, details: {} } },
      details: { yum_distributor: [report] },
    })
    const trust = join(root, 'etc/pki/deckle/zoo+web')
    assert.deepEqual((await text()).trim().split('\n'), [
      '[zoo]',
      '# deckle binding: zoo web',
      'name=The zoo',
      'baseurl=https://deckle.example.com/pulp/repos/zoo',
      'enabled=1',
      'gpgcheck=1',
      `gpgkey=${pathToFileURL(join(trust, 'key-zoo.key')).href}`,
      ` ${pathToFileURL(join(trust, 'key-=2e=.=2f=..=2f=evil')).href}`,
      'sslverify=1',
      `sslcacert=${join(trust, 'ca.pem')}`,
      `sslclientcert=${join(trust, 'client.pem')}`,
      `sslclientkey=${join(trust, 'client.pem')}`,
    ])
    assert.equal(await readFile(join(trust, 'key-zoo.key'), 'utf8'), 'A KEY')
    assert.equal((await stat(join(trust, 'client.pem'))).mode & 0o777, 0o600)
    assert.equal((await stat(join(root, 'etc/yum.repos.d/deckle.repo'))).mode & 0o777, 0o644)
  })

  it('changes whole when it is bound again, and goes without a trace', async () => {
    const { root, bind, unbind, text } = await system()
    await mkdir(join(root, 'etc/yum.repos.d'), { recursive: true })
    await writeFile(join(root, 'etc/yum.repos.d/deckle.repo'), '[mine]\nbaseurl=http://mine/\n')
    await bind(payload)
    const bare = { relative_path: '/new', protocols: ['http'], gpg_keys: [], ca_cert: null, client_cert: null }
    await bind({ ...bare, server_name: '' })
    assert.match(await text(), /\nname=zoo\nbaseurl=http:\/\/deckle:8080\/new\nenabled=1\ngpgcheck=0\nsslverify=1\n/)
    assert.deepEqual(await readdir(join(root, 'etc/pki/deckle/zoo+web')), [])
    await bind({ ...bare, protocols: [] })
    assert.match(await text(), /\nname=zoo\nenabled=0\n/)
    for (let turn = 0; turn < 2; turn++) assert.equal((await unbind())['succeeded'], true)
    assert.equal(await text(), '[mine]\nbaseurl=http://mine/\n')
    assert.deepEqual(await readdir(join(root, 'etc/pki/deckle')), [])
  })

  it('to a distributor without a client of its own is a file that says all there is', async () => {
    const { root, bind, unbind } = await system()
    await bind({ anything: 1 }, 'iso_distributor')
    const path = join(root, 'etc/deckle/bindings/zoo+web.json')
    assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), {
      ...{ repository: 'zoo', distributor: 'web', type: 'iso_distributor', server: 'http://deckle:8080' },
      payload: { anything: 1 },
    })
    await unbind()
    assert.deepEqual(await readdir(join(root, 'etc/deckle/bindings')), [])
  })

  it('that cannot be made fails in its report; what is no order of this agent throws', async () => {
    const { root, act, bind } = await system()
    const { succeeded, details } = await bind({})
    assert.equal(succeeded, false)
    assert.match(JSON.stringify(details), /did not say where the repository is/)
    await writeFile(join(root, 'etc'), 'in the way')
    assert.equal((await bind({ ...payload }))['succeeded'], false)
    await assert.rejects(act('consumer-dance', {}), /too old for consumer-dance/)
    await assert.rejects(act('consumer-bind', { repository: null, type: 'x' }), { kind: 'invalid' })
  })
})
