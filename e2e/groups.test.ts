import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Type } from 'typebox'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { countsOf, follow, makeMirror, syncWell } from './support/mirrors.ts'
import { uploadPackage } from './support/package-uploads.ts'
import { fetchBytes } from './support/published.ts'
import { call, poll, read } from './support/pulp-calls.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const packages = ['hammer', 'saw', 'axe', 'file', 'wood', 'plane', 'chess', 'desk-bear']

const tools = `<group><id>tools</id><name>Tools</name><name xml:lang="de">Werkzeuge</name>
  <description>Größe &lt;&amp;&gt;</description><default>true</default><uservisible>true</uservisible>
  <packagelist><packagereq type="mandatory">hammer</packagereq><packagereq>saw</packagereq>
  <packagereq type="default">axe</packagereq><packagereq type="optional">file</packagereq>
  <packagereq type="conditional" requires="wood">plane</packagereq></packagelist></group>`
const games = `<group><id>games</id><name>Games</name><description/><uservisible>false</uservisible>
  <packagelist><packagereq type="default">chess</packagereq></packagelist></group>`
const german = `<group><id>german</id><name>German</name><langonly>de</langonly>
  <packagelist><packagereq type="default">wood</packagereq></packagelist></group>`
const first = `<group><id>zoo</id><name>Zoo</name><display_order>1</display_order><packagelist>
  <packagereq type="mandatory">desk-bear</packagereq></packagelist></group>`
const elsewhere = `<group arch="s390x"><id>elsewhere</id><name>Elsewhere</name><packagelist>
  <packagereq arch="s390x">chess</packagereq></packagelist></group>`
const all = `<category><id>all</id><name>All</name><description>Everything</description><display_order>9</display_order>
  <grouplist><groupid>tools</groupid><groupid>games</groupid></grouplist></category>`
const desk = `<environment><id>desk</id><name>Desk</name><description>A desk</description><display_order>2</display_order>
  <grouplist><groupid>tools</groupid><groupid arch="s390x">games</groupid></grouplist>
  <optionlist><groupid default="true">zoo</groupid><groupid>games</groupid></optionlist></environment>`
const attic = desk.replace('>desk<', '>attic<').replace('>Desk<', '>Attic<')
const langpacks = '<langpacks><match install="bear-%s" name="bear"/></langpacks>'

const comps = (...elements: string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
  <comps>${elements.join('\n')}</comps>`
const everything = comps(tools, games, german, elsewhere, first, all, desk, attic, langpacks)

/** What dnf tells of groups: lists in its order; the answers of `info` come in none. */
async function toldBy(url: string): Promise<string[]> {
  const dnf = await Dnf.at(url)
  const answers: string[] = []
  for (const question of [
    ['list', '--ids'],
    ['list', '--hidden'],
    ['info', '--hidden', '*'],
  ]) {
    const { stdout, code } = await dnf.run('--quiet', 'group', ...question)
    assert.equal(code, 0)
    answers.push(question.includes('info') ? sortedParts(stdout) : stdout)
  }
  assert.match(answers[0] ?? '', /Tools \(tools\)/)
  return answers
}

function sortedParts(text: string): string {
  return text
    .split(/^(?=\S)/m)
    .sort()
    .join('')
}

async function installedWith(url: string, ...group: string[]): Promise<string[]> {
  const dnf = await Dnf.at(url)
  const { code, stderr } = await dnf.run('group', 'install', ...group)
  assert.equal(code, 0, stderr)
  return (await dnf.installed()).map((name) => name.replace('-1.0-1', ''))
}

async function compsOf(url: string): Promise<string> {
  const repomd = (await fetchBytes(`${url}repodata/repomd.xml`)).toString()
  const path = /<data type="group">[\s\S]*?href="([^"]+)"/.exec(repomd)?.[1]
  assert.match(path ?? '', /^repodata\/[0-9a-f]{64}-comps\.xml$/)
  return (await fetchBytes(`${url}${path}`)).toString()
}

onOneDatabase('package groups', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'dnf', 'rpm')
  const server = sharedServer(fresh)

  async function anUpstream(text?: string) {
    const folder = await temporaryFolder()
    await buildPackages(
      folder,
      packages.map((name) => ({ name })),
    )
    await writeMetadata(folder, text === undefined ? {} : { comps: text })
    return { folder, upstream: await FolderUpstream.of(folder) }
  }

  async function publish(repository: string): Promise<void> {
    requireFinished(await follow(server(), await server().client.publish(repository, 'yum_distributor')))
  }

  async function search(type: string, filters: object) {
    const path = `/pulp/api/v2/content/units/${type}/search/`
    const criteria = { filters, fields: ['id', 'repo_id', 'translated_name', 'mandatory_package_names'] }
    const answer = await call(server(), 'POST', path, { criteria, include_repos: true })
    const found = read(Type.Array(Type.Record(Type.String(), Type.Unknown())), answer)
    return found.map(({ id, repo_id, translated_name, mandatory_package_names, repository_memberships }) => ({
      id,
      repo_id,
      translated_name,
      mandatory_package_names,
      repository_memberships,
    }))
  }

  test('are told to dnf and installed from a mirror as from its upstream', clients, async () => {
    const { folder, upstream } = await anUpstream(everything)
    const url = await makeMirror(server(), 'groups', { feed: upstream.feed, remove_missing: true })
    const units = packages.length + 9
    assert.deepEqual(countsOf(await syncWell(server(), 'groups')), { added: units, updated: 0, removed: 0 })
    assert.deepEqual(await toldBy(url), await toldBy(upstream.feed))
    for (const group of [['--with-optional', 'tools', 'German'], ['desk']]) {
      const installed = await installedWith(url, ...group)
      assert.ok(installed.includes('hammer'))
      assert.deepEqual(installed, await installedWith(upstream.feed, ...group), group.join())
    }
    const again = await makeMirror(server(), 'groups-again', { feed: url })
    await syncWell(server(), 'groups-again')
    assert.equal(await compsOf(again), await compsOf(url))

    const better = games.replace('<description/>', '<description>Better</description>')
    const more = german.replaceAll('german', 'more')
    await writeMetadata(folder, { comps: comps(tools, more, better, elsewhere, first, all, desk, attic) })
    await upstream.update()
    assert.deepEqual(countsOf(await syncWell(server(), 'groups')), { added: 1, updated: 1, removed: 2 })
    assert.deepEqual(await toldBy(url), await toldBy(upstream.feed))
  })

  test('are those of each repository: found, copied and removed', clients, async () => {
    const { upstream } = await anUpstream(everything)
    await makeMirror(server(), 'source', { feed: upstream.feed })
    await syncWell(server(), 'source')
    const url = await makeMirror(server(), 'target', { feed: upstream.feed, type_skip_list: ['package_group'] })
    await syncWell(server(), 'target')
    const tool = { id: 'tools', translated_name: { de: 'Werkzeuge' }, mandatory_package_names: ['hammer', 'saw'] }
    const ofSource = { ...tool, repo_id: 'source', repository_memberships: ['source'] }
    assert.deepEqual(await search('package_group', { id: 'tools', repo_id: 'source' }), [ofSource])
    assert.deepEqual(await search('package_group', { mandatory_package_names: 'saw', repo_id: 'source' }), [ofSource])

    const criteria = { type_ids: ['package_group'], filters: { unit: { id: { $in: ['tools', 'zoo'] } } } }
    const path = '/pulp/api/v2/repositories/target/actions'
    const [copied] = await poll(
      server(),
      await call(server(), 'POST', `${path}/associate/`, { source_repo_id: 'source', criteria }),
    )
    assert.deepEqual(copied?.result, {
      units_successful: ['tools', 'zoo'].map((id) => ({
        type_id: 'package_group',
        unit_key: { id, repo_id: 'target' },
      })),
    })
    const ofTarget = { ...tool, repo_id: 'target', repository_memberships: ['target'] }
    assert.deepEqual(await search('package_group', { id: 'tools', repo_id: 'target' }), [ofTarget])
    await publish('target')
    assert.deepEqual(await installedWith(url, 'tools', 'zoo'), ['axe', 'desk-bear', 'hammer', 'saw'])

    const filters = { unit: { id: 'tools' } }
    const removal = { criteria: { type_ids: ['package_group'], filters } }
    const [removed] = await poll(server(), await call(server(), 'POST', `${path}/unassociate/`, removal))
    assert.equal(removed?.state, 'finished')
    await publish('target')
    assert.doesNotMatch(await compsOf(url), /<id>tools/)
    assert.match(await compsOf(url), /<id>zoo/)
  })

  test('that are uploaded are told to dnf, one by one or as a file', clients, async () => {
    const { folder, upstream } = await anUpstream()
    const url = await makeMirror(server(), 'uploaded', { feed: upstream.feed })
    await syncWell(server(), 'uploaded')
    await upload('package_group', 'tools', { name: 'Tools', user_visible: true, mandatory_package_names: ['axe'] })
    await upload('package_environment', 'desk', { name: 'Desk', group_ids: ['tools'], options: [] })
    await upload('package_category', 'all', { name: 'All', packagegroupids: ['tools'] })
    await publish('uploaded')
    assert.deepEqual(await installedWith(url, 'desk'), ['axe'])

    const file = join(folder, 'my-comps.xml')
    await writeFile(file, everything)
    const [report] = await uploadPackage(server(), { repository: 'uploaded', type: 'package_category', path: file })
    assert.deepEqual([report?.state, report?.result], ['finished', { success_flag: true, summary: '', details: {} }])
    await publish('uploaded')
    await writeMetadata(folder, { comps: everything })
    await upstream.update()
    assert.deepEqual(await toldBy(url), await toldBy(upstream.feed))
  })

  async function upload(type: string, id: string, metadata: object): Promise<void> {
    const { upload_id } = read(
      Type.Object({ upload_id: Type.String() }),
      await call(server(), 'POST', '/pulp/api/v2/content/uploads/', {}),
    )
    const body = { upload_id, unit_type_id: type, unit_key: { id, repo_id: 'uploaded' }, unit_metadata: metadata }
    const path = '/pulp/api/v2/repositories/uploaded/actions/import_upload/'
    const [report] = await poll(server(), await call(server(), 'POST', path, body))
    assert.equal(report?.state, 'finished', JSON.stringify(report))
  }
})
