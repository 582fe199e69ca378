import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { answersOf, Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeMirror } from './support/mirrors.ts'
import { buildOddPackages } from './support/odd-packages.ts'
import { type PackageUpload, uploadPackage } from './support/package-uploads.ts'
import { publishedChecksums, sha256 } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages, fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const library: PackageSpec = { name: 'library', epoch: 1, provides: ['lib(sheet) = 4'], bytes: 450_000 }
const tool: PackageSpec = { name: 'tool', requires: ['lib(sheet) >= 3'] }

const typeOf = (name: string) => (/\.(no)?src\.rpm$/.test(name) ? 'srpm' : 'rpm')

onOneDatabase('packages that are uploaded', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'dnf', 'rpm')
  const server = sharedServer(fresh)

  async function upload(upload: PackageUpload): Promise<void> {
    const [report] = await uploadPackage(server(), upload)
    assert.equal(report?.state, 'finished', JSON.stringify(report))
    assert.deepEqual(report?.result, { success_flag: true, summary: '', details: {} })
  }

  async function publish(repository: string): Promise<void> {
    requireFinished(await follow(server(), await server().client.publish(repository, 'yum_distributor')))
  }

  test('give dnf the same answers as a repository that createrepo_c made of them', clients, async () => {
    const folder = await temporaryFolder()
    await buildOddPackages(folder)
    await buildPackages(folder, [library, tool])
    await writeMetadata(folder)
    const url = await makeMirror(server(), 'uploaded', {})
    const packages = (await readdir(folder)).filter((name) => name.endsWith('.rpm'))
    for (const name of packages) await upload({ repository: 'uploaded', type: typeOf(name), path: join(folder, name) })
    await publish('uploaded')

    const upstream = await FolderUpstream.of(folder)
    assert.deepEqual(
      await publishedChecksums(url),
      Object.fromEntries(packages.sort().map((name) => [name, upstream.sha256(name)])),
    )
    const [mine, theirs] = [await Dnf.at(url), await Dnf.at(upstream.feed)]
    const answers = await answersOf(mine)
    assert.ok(answers.length > packages.length)
    assert.deepEqual(answers, await answersOf(theirs))
    assert.deepEqual(await mine.repoquery('--changelogs'), await theirs.repoquery('--changelogs'))
    await mine.install('tool', 'odd-files')
    assert.deepEqual(await mine.installed(), ['library-1.0-1', 'odd-files-2-1.el9', 'tool-1.0-1'])
  })

  test('replace the package of the same name and version, and stay when they come again', clients, async () => {
    const [folder, other] = [await temporaryFolder(), await temporaryFolder()]
    await buildPackages(folder, [tool])
    await buildPackages(other, [{ ...tool, bytes: 9000 }])
    const url = await makeMirror(server(), 'replaced', {})
    const name = fileNameOf(tool)
    for (const from of [folder, other, other]) {
      await upload({ repository: 'replaced', type: 'rpm', path: join(from, name) })
      await publish('replaced')
      assert.deepEqual(await publishedChecksums(url), { [name]: sha256(await readFile(join(from, name))) })
    }
  })

  test('are refused with the codes that clients know, and then nothing changes', clients, async () => {
    const folder = await temporaryFolder()
    await buildPackages(folder, [tool])
    const path = join(folder, fileNameOf(tool))
    const text = join(folder, 'text')
    await writeFile(text, 'no package')
    await makeMirror(server(), 'refused', {})
    const metadata = { checksum: 'a'.repeat(64) }
    const cases: readonly [PackageUpload, string][] = [
      [{ repository: 'refused', type: 'rpm', path: text }, 'RPM1016'],
      [{ repository: 'refused', type: 'srpm', path }, 'RPM1003'],
      [{ repository: 'refused', type: 'rpm', path, metadata }, 'PLP1013'],
      [{ repository: 'refused', type: 'rpm', path, metadata: { requires: [] } }, 'PLP0047'],
    ]
    for (const [upload, code] of cases) {
      const [report] = await uploadPackage(server(), upload)
      assert.deepEqual([report?.state, report?.error?.code], ['error', code], JSON.stringify(report))
    }
    assert.deepEqual((await server().client.repository('refused')).content_unit_counts, {})
  })
})
