import { after, before } from 'node:test'
import type { ClientName } from '../../src/testing/clients.ts'
import { requireClients } from './clients.ts'
import { writeMetadata } from './repository-metadata.ts'
import { buildPackages, type PackageSpec } from './rpm-packages.ts'
import { newFolder, removeFolder } from './servers.ts'

/**
 * The folder of packages that are built once for all tests of the suite, or file, that calls this. Without the tools nothing is
 * built: then its tests are skipped.
 */
export function builtPackages(packages: readonly PackageSpec[]): () => string {
  return builtFolder(['rpmbuild'], (folder) => buildPackages(folder, packages))
}

/** The same with metadata: what an upstream has. */
export function builtRepository(packages: readonly PackageSpec[]): () => string {
  return builtFolder(['rpmbuild', 'createrepo_c'], async (folder) => {
    await buildPackages(folder, packages)
    await writeMetadata(folder)
  })
}

/** A folder that `build` fills once for all tests of the suite, or file, that calls this. */
export function builtFolder(tools: readonly ClientName[], build: (folder: string) => Promise<void>): () => string {
  let folder: string | undefined
  before(async () => {
    folder = await newFolder()
    if (requireClients(...tools).skip === undefined) await build(folder)
  })
  after(() => (folder === undefined ? undefined : removeFolder(folder)))
  return () => {
    if (folder === undefined) throw new Error('the packages are there only while tests run')
    return folder
  }
}
