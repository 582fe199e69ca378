import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeMirror, syncWell } from './support/mirrors.ts'
import { succeed } from './support/programs.ts'
import { fetchBytes } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { copyPackages } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const [ant, bee] = [{ name: 'ant' }, { name: 'bee' }]
const comps = `<comps><group><id>legs</id><name>Legs</name><description/><uservisible>true</uservisible>
  <packagelist><packagereq type="mandatory">ant</packagereq></packagelist></group></comps>`
const updateinfo = `<?xml version="1.0"?>
<updates><update from="x@example.test" status="final" type="security" version="1"><id>A-1</id>
  <title>Ants</title><issued date="2020-01-01 01:01:01"/><pkglist><collection short="c"><name>all</name>
  <package name="ant" version="1.0" release="1" epoch="0" arch="noarch"><filename>ant-1.0-1.noarch.rpm</filename></package>
  </collection></pkglist></update></updates>`
const modules = `---
document: modulemd
version: 2
data:
  name: hive
  stream: "1"
  version: 1
  context: c0ffee
  arch: noarch
  summary: Bees
  description: Bees
  license:
    module: [MIT]
  profiles:
    default:
      rpms: [bee]
  artifacts:
    rpms: [bee-0:1.0-1.noarch]
...
`

onOneDatabase('metadata in zstd', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'modifyrepo_c', 'dnf', 'rpm')
  const server = sharedServer(fresh)
  const built = builtPackages([ant, bee])

  async function anUpstream(): Promise<FolderUpstream> {
    const folder = await temporaryFolder()
    await copyPackages(built(), folder, [ant, bee])
    await writeMetadata(folder, { comps, files: { updateinfo } })
    const path = join(await temporaryFolder(), 'modules.yaml')
    await writeFile(path, modules)
    await succeed(clientPath('modifyrepo_c'), ['--mdtype=modules', path, join(folder, 'repodata')])
    return FolderUpstream.of(folder)
  }

  /** What dnf tells of packages, groups, advisories and modules, each of which is there. */
  async function toldAt(url: string): Promise<readonly string[]> {
    const dnf = await Dnf.at(url)
    await dnf.install('ant')
    const answers: string[] = []
    for (const [word, ...question] of [
      ['ant', 'repoquery', '--qf', '%{name} %{files}'],
      ['Legs', 'group', 'list', '--ids'],
      ['A-1', 'updateinfo', 'list', '--all'],
      ['hive', 'module', 'list'],
    ] as const) {
      const { stdout } = await dnf.run('--quiet', '--setopt=module_platform_id=platform:f38', ...question)
      assert.ok(stdout.includes(word), `${question.join(' ')}: ${stdout}`)
      answers.push(stdout)
    }
    return answers
  }

  test('is read by dnf, all of it, and by another mirror', clients, async () => {
    const upstream = await anUpstream()
    const zstd = { metadata_compression: 'zstd' }
    const url = await makeMirror(server(), 'zstd', { feed: upstream.feed }, zstd)
    await syncWell(server(), 'zstd')
    const repomd = (await fetchBytes(`${url}repodata/repomd.xml`)).toString()
    const files = [...repomd.matchAll(/type="(\w+)">[\s\S]*?href="([^"]+)"/g)]
    const types = files.map(([, type]) => type).toSorted()
    assert.deepEqual(types, ['filelists', 'group', 'modules', 'other', 'primary', 'updateinfo'])
    for (const [, type, href = ''] of files) assert.match(href, /\.zst$/, type)
    const told = await toldAt(upstream.feed)
    assert.deepEqual(await toldAt(url), told)
    const again = await makeMirror(server(), 'again', { feed: url })
    await syncWell(server(), 'again')
    assert.deepEqual(await toldAt(again), told)
    const dnf = await Dnf.at(url)
    assert.equal((await dnf.run('group', 'install', 'legs')).code, 0)
    assert.deepEqual(await dnf.installed(), ['ant-1.0-1'])
  })
})
