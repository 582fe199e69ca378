import assert from 'node:assert/strict'
import { access, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Type } from 'typebox'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { PulpCallReport } from '../src/wire/pulp/call-report.ts'
import { PulpTaskReport } from '../src/wire/pulp/task-report.ts'
import { builtRepository } from './support/built-packages.ts'
import { bundledAgent } from './support/bundled-agent.ts'
import { requireClients } from './support/clients.ts'
import { ConsumerAgentProcess, passwordFile } from './support/consumer-agent.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeMirror } from './support/mirrors.ts'
import { packageRoot } from './support/package-root.ts'
import { call, poll, read } from './support/pulp-calls.ts'
import type { PackageSpec } from './support/rpm-packages.ts'
import { sharedServer, testFolder } from './support/servers.ts'

const packages: readonly PackageSpec[] = [
  { name: 'walrus', requires: ['whale'] },
  { name: 'walrus', version: '2.0', requires: ['whale'] },
  { name: 'whale', epoch: 1 },
  { name: 'penguin' },
]
/** 60 MiB. */
const mostMegabytes = 62.9
const api = '/pulp/api/v2/consumers/'

onOneDatabase('the agent of a consumer', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'dnf', 'rpm')
  const built = builtRepository(packages)
  const server = sharedServer(fresh, () => ({ DECKLE_AGENT_ALIVE_SECONDS: '2' }))

  async function system(t: TestContext) {
    const root = await packageRoot(t)
    const state = await testFolder(t)
    await writeFile(join(state, 'password'), passwordFile)
    const options = [
      '--root',
      root,
      '--state-dir',
      state,
      '--user',
      'admin',
      '--password-file',
      join(state, 'password'),
    ]
    return { root, state, options, command: ['--package-command', 'dnf --disableplugin=local --releasever=1'] }
  }

  async function mirror(id: string) {
    const upstream = await FolderUpstream.of(built())
    const url = await makeMirror(server(), id, { feed: upstream.feed })
    requireFinished(await follow(server(), await server().client.sync(id)))
    requireFinished(await follow(server(), await server().client.publish(id, 'yum_distributor')))
    return url
  }

  async function act(action: string, units: readonly object[], options: object = {}) {
    const [task] = await poll(
      server(),
      await call(server(), 'POST', `${api}east/actions/content/${action}/`, { units, options }),
    )
    assert.ok(task)
    return task
  }

  const rpm = (key: object) => ({ type_id: 'rpm', unit_key: key })
  const profile = async () => {
    const { body } = await call(server(), 'GET', `${api}east/profiles/rpm/`)
    const { profile: list } = read(
      Type.Object({ profile: Type.Array(Type.Object({ name: Type.String(), version: Type.String() })) }),
      { status: 200, location: null, body },
    )
    return list.map(({ name, version }) => `${name}-${version}`)
  }

  test('binds it, installs, updates and removes with dnf, and is dismissed with it', clients, async (t) => {
    const { root, state, options, command } = await system(t)
    const url = await mirror('zoo')
    const agent = await ConsumerAgentProcess.start(t, server(), 'east', [...options, ...command], await bundledAgent(t))
    assert.equal((await stat(join(state, 'consumer-east.pem'))).mode & 0o777, 0o600)

    const bound = await call(server(), 'POST', `${api}east/bindings/`, {
      repo_id: 'zoo',
      distributor_id: 'yum_distributor',
    })
    assert.equal(bound.status, 202)
    const [bind] = await poll(server(), bound)
    assert.deepEqual([bind?.state, bind?.worker_name, bind?.task_type], ['finished', 'agent', null])
    const file = () => readFile(join(root, 'etc/yum.repos.d/deckle.repo'), 'utf8')
    assert.match(await file(), new RegExp(`^\\[zoo\\]\\n(.*\\n)*baseurl=${url.replace(/\/$/, '')}\\n`))

    const install = await act('install', [rpm({ name: 'walrus', version: '1.0', release: '1', arch: 'noarch' })])
    assert.deepEqual(names(install), { resolved: ['walrus-1.0-1.noarch'], deps: ['1:whale-1.0-1.noarch'] })
    assert.deepEqual(await profile(), ['walrus-1.0', 'whale-1.0'])

    const trial = await act('install', [rpm({ name: 'penguin' })], { apply: false })
    assert.deepEqual(names(trial), { resolved: ['penguin-1.0-1.noarch'], deps: [] })
    assert.deepEqual(names(await act('update', [rpm({ name: 'walrus' })])).resolved, ['walrus-2.0-1.noarch'])
    assert.deepEqual(await profile(), ['walrus-2.0', 'whale-1.0'])

    const unknown = await act('install', [rpm({ name: 'unicorn' })])
    assert.equal(unknown.state, 'finished')
    assert.match(JSON.stringify(unknown.result), /Unable to find a match: unicorn.*"succeeded":false/)
    await act('uninstall', [rpm({ name: 'walrus' }), rpm({ name: 'whale' })], { reboot: true })
    assert.deepEqual(await profile(), [])
    const { body } = await call(server(), 'GET', `${api}east/history/`)
    const history = read(History, { ...bound, body }).map(({ type }) => type)
    assert.equal(history.filter((type) => type === 'content_unit_installed').length, 3)
    assert.equal(history.filter((type) => type === 'content_unit_uninstalled').length, 1)

    t.diagnostic(`${agent.megabytes.toFixed(1)} MB`)
    assert.ok(agent.megabytes <= mostMegabytes, `${agent.megabytes} MB`)
    await poll(server(), await call(server(), 'DELETE', `${api}east/bindings/zoo/yum_distributor/`))
    assert.equal(await file(), '')
    assert.equal((await call(server(), 'GET', `${api}east/bindings/zoo/yum_distributor/`)).status, 404)
    assert.equal((await call(server(), 'DELETE', `${api}east/`)).status, 200)
    assert.equal(await agent.ended(), 1)
    assert.match(agent.log, /does not take this agent: consumer east is not registered here any more/)
  })

  test('does what came while it was away, and again what it was killed over', clients, async (t) => {
    const { root, options, command, state } = await system(t)
    await mirror('island')
    const first = await ConsumerAgentProcess.start(t, server(), 'west', [...options, ...command])
    await first.kill()
    const wanted = { repo_id: 'island', distributor_id: 'yum_distributor' }
    const bound = await call(server(), 'POST', `${api}west/bindings/`, wanted)
    const [link] = read(PulpCallReport, bound).spawned_tasks
    const waiting = read(PulpTaskReport, await call(server(), 'GET', link?._href ?? ''))
    assert.deepEqual([waiting.state, waiting.waiting_reason], ['waiting', 'for the agent of consumer west'])
    const dropped = await call(server(), 'POST', `${api}west/actions/content/install/`, {
      units: [rpm({ name: 'penguin' })],
      options: {},
    })
    const [unwanted] = read(PulpCallReport, dropped).spawned_tasks
    assert.equal((await call(server(), 'DELETE', unwanted?._href ?? '')).status, 200)

    // One that never comes back from its package command.
    const started = join(root, 'started')
    const hanging = join(root, 'hanging')
    await writeFile(hanging, `#!/bin/sh\ntouch '${started}'\nexec sleep 600\n`, { mode: 0o755 })
    const second = await ConsumerAgentProcess.start(t, server(), 'west', [...options, '--package-command', hanging])
    await poll(server(), bound)
    const order = { units: [rpm({ name: 'penguin' })], options: {} }
    const install = await call(server(), 'POST', `${api}west/actions/content/install/`, order)
    await eventually(() =>
      access(started).then(
        () => true,
        () => false,
      ),
    )
    await second.kill()
    const certificate = ['--certificate', join(state, 'consumer-west.pem'), '--root', root]
    await ConsumerAgentProcess.start(t, server(), 'west', [...certificate, ...command])
    const [done] = await poll(server(), install)
    assert.deepEqual([done?.state, done && names(done).resolved], ['finished', ['penguin-1.0-1.noarch']])
    assert.deepEqual(
      (await poll(server(), dropped)).map((task) => task.state),
      ['canceled'],
    )
  })
})

const History = Type.Array(Type.Object({ type: Type.String() }))
const Transaction = Type.Object({
  resolved: Type.Array(Type.Object({ qname: Type.String() })),
  deps: Type.Array(Type.Object({ qname: Type.String() })),
})
const Result = Type.Object({
  details: Type.Object({ rpm: Type.Object({ succeeded: Type.Literal(true), details: Transaction }) }),
})

/** Packages of the transaction that a task reports. */
function names(task: PulpTaskReport) {
  const { details } = read(Result, { status: 200, location: null, body: task.result }).details.rpm
  const of = (list: readonly { readonly qname: string }[]) => list.map(({ qname }) => qname).sort()
  return { resolved: of(details.resolved), deps: of(details.deps) }
}
