import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { onOneDatabase } from '../src/testing/databases.ts'
import { PulpBindingWithDetails } from '../src/wire/pulp/consumer.ts'
import { PulpTaskReport } from '../src/wire/pulp/task-report.ts'
import { runPulpRepo } from './support/ansible.ts'
import { builtRepository } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { listPublished, statusOf } from './support/published.ts'
import { read } from './support/pulp-calls.ts'
import { sharedServer } from './support/servers.ts'
import { ask } from './support/work-flow.ts'

const packages = [{ name: 'first' }, { name: 'second', requires: ['first'] }]

onOneDatabase("Ansible's pulp_repo", (fresh) => {
  const needed = requireClients('ansible-playbook', 'rpmbuild', 'createrepo_c')
  const server = sharedServer(fresh)
  const folder = builtRepository(packages)

  /** Runs a play that must succeed. Returns which of its calls changed something. */
  const play = async (...calls: Parameters<typeof runPulpRepo>[1]): Promise<unknown[]> => {
    const done = await runPulpRepo(server(), calls)
    assert.deepEqual([done.ok, done.failures], [calls.length, 0], JSON.stringify(done.results))
    return done.results.map((result) => result['changed'])
  }
  const feedOf = async () => (await FolderUpstream.of(folder())).feed
  const repository = (id: string) => server().client.findRepository(id)

  test('creates, syncs and publishes a repository, and finds nothing to change in it', needed, async () => {
    const feed = await feedOf()
    const present = { name: 'made', feed, relative_url: 'made/here', serve_http: true, state: 'present' }
    const sync = { name: 'made', state: 'sync', wait_for_completion: true }
    const publish = { name: 'made', state: 'publish', wait_for_completion: true }
    const one = { ...publish, publish_distributor: 'yum_distributor' }
    assert.deepEqual(await play(present, present, sync, one, present, publish), [true, false, true, true, false, true])
    const made = await repository('made')
    assert.deepEqual(made?.notes, { '_repo-type': 'rpm-repo' })
    assert.deepEqual(made.importers[0]?.config, { feed })
    assert.deepEqual(made.distributors[0]?.config, {
      http: true,
      https: true,
      relative_url: 'made/here',
      repoview: false,
      generate_sqlite: false,
    })
    assert.equal((await listPublished(`${server().url}/pulp/repos/made/here/`)).length, packages.length)
  })

  test('runs a whole play twice, the second time without a change', needed, async () => {
    const feed = await feedOf()
    const calls = [
      { name: 'plain', relative_url: 'plain', state: 'present' },
      { name: 'fed', feed, relative_url: 'fed', serve_http: true, serve_https: false, state: 'present' },
      {
        name: 'proxied',
        feed,
        relative_url: 'p',
        proxy_host: 'http://127.0.0.1',
        proxy_port: '3128',
        state: 'present',
      },
      { name: 'never-there', state: 'absent' },
    ]
    assert.deepEqual(await play(...calls), [true, true, true, false])
    assert.deepEqual(await play(...calls), [false, false, false, false])
  })

  test('updates what differs, and only that', needed, async () => {
    const [feed, other] = [await feedOf(), await feedOf()]
    const first = { name: 'moved', feed, relative_url: 'from', serve_http: true, state: 'present' }
    const second = { ...first, feed: other, relative_url: 'to', serve_https: false }
    const sync = { name: 'moved', state: 'sync', wait_for_completion: true }
    const publish = { name: 'moved', state: 'publish', wait_for_completion: true }
    assert.deepEqual(await play(first, sync, second, second, publish), [true, true, true, false, true])
    const moved = await repository('moved')
    assert.equal(moved?.importers[0]?.config['feed'], other)
    const { relative_url, http, https } = moved.distributors[0]?.config ?? {}
    assert.deepEqual([relative_url, http, https], ['to', true, false])
    assert.equal((await listPublished(`${server().url}/pulp/repos/to/`)).length, packages.length)
  })

  test('tells the agents of bound consumers what it changes, and does not wait for them', needed, async () => {
    const present = { name: 'bound', feed: await feedOf(), relative_url: 'bound', serve_http: true, state: 'present' }
    assert.deepEqual(await play(present), [true])
    await ask(server(), 'POST', 'consumers/', { id: 'away' }, 201)
    const wanted = { repo_id: 'bound', distributor_id: 'yum_distributor' }
    await ask(server(), 'POST', 'consumers/away/bindings/', wanted, 202)
    const wait = { wait_for_completion: true }
    const changes = [
      { ...present, ...wait, relative_url: 'bound/new' },
      { name: 'bound', state: 'absent', ...wait },
    ]
    assert.deepEqual(await play(...changes), [true, true])
    const [, ...told] = read(Type.Array(PulpTaskReport), await ask(server(), 'GET', 'tasks/?tag=pulp:consumer:away'))
    const tags = ['pulp:consumer:away', 'pulp:repository:bound', 'pulp:repository_distributor:yum_distributor']
    assert.deepEqual(
      told.map((task) => [task.state, ...task.tags]),
      [
        ['waiting', ...tags, 'pulp:action:agent_bind'],
        ['waiting', ...tags, 'pulp:action:agent_unbind'],
      ],
    )
    const binding = await ask(server(), 'GET', 'consumers/away/bindings/bound/yum_distributor/')
    assert.equal(read(PulpBindingWithDetails, binding).deleted, true)
  })

  test('deletes a repository with what it published, once', needed, async () => {
    const present = { name: 'gone', feed: await feedOf(), relative_url: 'gone', serve_http: true, state: 'present' }
    await play(present, { name: 'gone', state: 'publish', wait_for_completion: true })
    const repomd = `${server().url}/pulp/repos/gone/repodata/repomd.xml`
    assert.equal(await statusOf(repomd), 200)
    const absent = { name: 'gone', state: 'absent', wait_for_completion: true }
    assert.deepEqual(await play(absent, absent), [true, false])
    assert.equal(await repository('gone'), undefined)
    assert.equal(await statusOf(repomd), 404)
  })

  test('only looks in check mode', needed, async () => {
    const calls = [{ name: 'unmade', relative_url: 'unmade', state: 'present' }]
    assert.equal((await runPulpRepo(server(), calls, true)).changed, 1)
    assert.equal(await repository('unmade'), undefined)
  })

  test('is told why it fails', needed, async () => {
    const wrong = await runPulpRepo(server(), [{ name: 'x', state: 'absent', url_password: 'wrong' }])
    assert.deepEqual([wrong.failures, wrong.results[0]?.['status_code']], [1, 401])
    const feed = `${await feedOf()}nothing/`
    const broken = await runPulpRepo(server(), [
      { name: 'broken', feed, relative_url: 'broken', state: 'present' },
      { name: 'broken', state: 'sync', wait_for_completion: true },
    ])
    assert.deepEqual([broken.ok, broken.failures], [1, 1])
    const { msg, error } = broken.results[1] ?? {}
    assert.equal(msg, 'Asynchronous task failed to complete.')
    assert.match(JSON.stringify(error), /repomd\.xml/)
    const clash = await runPulpRepo(server(), [{ name: 'bad name!', relative_url: 'b', state: 'present' }])
    assert.equal(clash.results[0]?.['status_code'], 400)
  })
})
