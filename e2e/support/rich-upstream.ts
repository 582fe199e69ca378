import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { writeTree } from './kickstart-tree.ts'
import { buildOddPackages } from './odd-packages.ts'
import { type MetadataForm, writeMetadata } from './repository-metadata.ts'
import { advisories, groups, modules } from './rich-documents.ts'
import { buildPackages, type PackageSpec } from './rpm-packages.ts'
import { makeSigningKey, publicKeyOf, signPackages } from './signed-packages.ts'

const versions = ['1.0~rc1', '1.0', '1.0^git1']
const bears = versions.map((version): PackageSpec => ({ name: 'bear', version, epoch: 1, requires: ['lion >= 1'] }))
const others: readonly PackageSpec[] = [
  { name: 'lion', version: '2', bytes: 30_000, provides: ['lion(größe) = 1:2-3', 'a&b<c>'] },
  { name: 'zoo-base', version: '1.0', release: '1.module_zoo_1' },
]

/**
 * Builds packages of every kind into `packages/`, in sub-folders, as distributions have them, and older builds, which deltas are made
 * from, into `older/`. All are signed with the key in `key.asc`.
 */
export async function buildRichPackages(folder: string): Promise<void> {
  const built = await temporaryFolder()
  await buildOddPackages(built)
  await buildPackages(built, [...bears, ...others])
  await buildPackages(join(folder, 'older'), [{ name: 'lion', version: '1', bytes: 30_000 }])
  const [names, key] = [(await readdir(built)).filter((name) => name.endsWith('.rpm')), await makeSigningKey('rsa2048')]
  await signPackages(
    names.map((name) => join(built, name)),
    key,
  )
  await writeFile(join(folder, 'key.asc'), await publicKeyOf(key))
  for (const name of names) {
    const place = join(folder, 'packages', /src\.rpm$/.test(name) ? 'Sources' : `Packages/${name.charAt(0)}`)
    await mkdir(place, { recursive: true })
    await rename(join(built, name), join(place, name))
  }
}

/** Everything that an upstream can have beside packages; returns the paths of the files of its tree. */
export async function writeRichMetadata(folder: string, form: MetadataForm): Promise<readonly string[]> {
  const files = { updateinfo: advisories, modules, productid: 'a certificate\n', primary_zck: 'zchunk' }
  const [packages, olderBuilds] = [join(folder, 'packages'), join(folder, 'older')]
  await writeMetadata(packages, { comps: groups, olderBuilds, files, ...form })
  return writeTree(packages)
}
