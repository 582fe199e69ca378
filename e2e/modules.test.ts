import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Type } from 'typebox'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { countsOf, follow, makeMirror, syncWell } from './support/mirrors.ts'
import { uploadPackage } from './support/package-uploads.ts'
import { succeed } from './support/programs.ts'
import { call, read } from './support/pulp-calls.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const platform = '--setopt=module_platform_id=platform:f38'

/** Of a stream, the part that a host needs and the part that it may want. */
const packagesOf = (stream: string): PackageSpec[] => {
  const build = { version: `${stream}.0`, release: `1.module_zoo_${stream}` }
  return [
    { name: 'zoo-base', ...build },
    { name: 'zoo-shop', requires: ['zoo-base'], ...build },
  ]
}

const zoo = (stream: string) => `---
document: modulemd
version: 2
data:
  name: zoo
  stream: "${stream}"
  version: 801002019082815051${stream}
  context: 0000000${stream}
  arch: noarch
  summary: The zoo, stream ${stream}
  description: >-
    Animals.  # not a comment
  license: {module: [MIT], content: [MIT]}
  dependencies: [{requires: {platform: [f38]}}]
  profiles:
    default: {rpms: [zoo-base]}
    visitors: {rpms: [zoo-base, zoo-shop]}
  api: {rpms: [zoo-base]}
  artifacts:
    rpms: [zoo-base-0:${stream}.0-1.module_zoo_${stream}.noarch, zoo-shop-0:${stream}.0-1.module_zoo_${stream}.noarch]
...
`

const defaults = (stream: string) => `---
document: modulemd-defaults
version: 1
data: {module: zoo, stream: "${stream}", profiles: {"1": [default], "2": [visitors]}}
...
`

const obsoletes = `---
document: modulemd-obsoletes
version: 1
data:
  modified: 2023-11-14T10:00Z
  module: zoo
  stream: "1"
  message: The old zoo has closed
  obsoleted_by: {module: zoo, stream: "2"}
...
`

async function writeModules(folder: string, documents: readonly string[]): Promise<void> {
  const path = join(await temporaryFolder(), 'modules.yaml')
  await writeFile(path, documents.join(''))
  await writeMetadata(folder)
  await succeed(clientPath('modifyrepo_c'), ['--mdtype=modules', path, join(folder, 'repodata')])
}

/** What dnf tells of the modules of a repository. */
async function toldBy(url: string): Promise<string[]> {
  const dnf = await Dnf.at(url)
  const answers: string[] = []
  for (const question of [['list'], ['info', 'zoo'], ['provides', 'zoo-shop']])
    answers.push((await dnf.run('--quiet', platform, 'module', ...question)).stdout)
  assert.match(answers[0] ?? '', /zoo/)
  return answers
}

async function installedBy(url: string, ...modules: string[]): Promise<string[]> {
  const dnf = await Dnf.at(url)
  const outcome = await dnf.run(platform, 'module', 'install', ...modules)
  assert.equal(outcome.code, 0, outcome.stderr)
  return dnf.installed()
}

onOneDatabase('modules', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'modifyrepo_c', 'dnf', 'rpm')
  const server = sharedServer(fresh)
  const publish = async (id: string) =>
    requireFinished(await follow(server(), await server().client.publish(id, 'yum_distributor')))

  async function found(type: string, filters: object): Promise<Readonly<Record<string, unknown>>[]> {
    const answer = await call(server(), 'POST', `/pulp/api/v2/content/units/${type}/search/`, { criteria: { filters } })
    return read(Type.Array(Type.Record(Type.String(), Type.Unknown())), answer)
  }

  test(
    'are told to dnf by a mirror as by its upstream, and installed from it and from a mirror of the mirror',
    clients,
    async () => {
      const folder = await temporaryFolder()
      await buildPackages(folder, ['1', '2'].flatMap(packagesOf))
      await writeModules(folder, [zoo('1'), zoo('2'), defaults('2'), obsoletes])
      const upstream = await FolderUpstream.of(folder)
      const url = await makeMirror(server(), 'modules', { feed: upstream.feed, remove_missing: true })
      assert.deepEqual(countsOf(await syncWell(server(), 'modules')), { added: 8, updated: 0, removed: 0 })
      const second = await makeMirror(server(), 'modules-again', { feed: url })
      await syncWell(server(), 'modules-again')
      const told = await toldBy(upstream.feed)
      assert.deepEqual(await toldBy(second), told)
      const whole = ['zoo-base-2.0-1.module_zoo_2', 'zoo-shop-2.0-1.module_zoo_2']
      assert.deepEqual(await installedBy(second, 'zoo'), whole)
      assert.deepEqual(await installedBy(url, 'zoo:1/default'), ['zoo-base-1.0-1.module_zoo_1'])
      const shown = (await found('modulemd', { name: 'zoo', stream: '1' })).map(
        ({ version, profiles, dependencies }) => [version, profiles, dependencies],
      )
      const profiles = { default: ['zoo-base'], visitors: ['zoo-base', 'zoo-shop'] }
      assert.deepEqual(shown, [['8010020190828150511', profiles, [{ platform: ['f38'] }]]])

      await writeModules(folder, [zoo('1'), zoo('2'), defaults('1')])
      await upstream.update()
      assert.deepEqual(countsOf(await syncWell(server(), 'modules')), { added: 0, updated: 1, removed: 1 })
      assert.deepEqual(await toldBy(url), await toldBy(upstream.feed))
      assert.deepEqual(await installedBy(url, 'zoo'), ['zoo-base-1.0-1.module_zoo_1'])
    },
  )

  test('that are uploaded and copied are told to dnf', clients, async () => {
    const folder = await temporaryFolder()
    await buildPackages(folder, packagesOf('2'))
    await writeMetadata(folder)
    const upstream = await FolderUpstream.of(folder)
    await makeMirror(server(), 'uploaded', { feed: upstream.feed })
    await syncWell(server(), 'uploaded')
    const path = join(await temporaryFolder(), 'modules.yaml')
    for (const [type, document] of [
      ['modulemd', zoo('2')],
      ['modulemd_defaults', defaults('2')],
    ] as const) {
      await writeFile(path, document)
      const [report] = await uploadPackage(server(), { repository: 'uploaded', type, path })
      assert.equal(report?.state, 'finished', JSON.stringify(report))
    }
    const url = await makeMirror(server(), 'copied', {})
    requireFinished(await follow(server(), await server().client.copyUnits('uploaded', 'copied')))
    await publish('copied')
    assert.match((await toldBy(url))[0] ?? '', /zoo\s+2 \[d\]\s+default, visitors \[d\]/)
    assert.deepEqual(await installedBy(url, 'zoo'), ['zoo-base-2.0-1.module_zoo_2', 'zoo-shop-2.0-1.module_zoo_2'])
    const owners = (await found('modulemd_defaults', { name: 'zoo' })).map(({ repo_id: owner }) => owner)
    assert.ok(owners.includes('copied') && owners.includes('uploaded'), owners.join())
  })
})
