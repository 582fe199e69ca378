import { join } from 'node:path'
import { writeMetadata } from '../../e2e/support/repository-metadata.ts'
import { buildPackages } from '../../e2e/support/rpm-packages.ts'

/** Makes a repository of `count` real packages whose payload of `bytes` does not compress. Returns its folder. */
export async function makePackageRepository(folder: string, count: number, bytes: number): Promise<string> {
  const repository = join(folder, 'repository')
  await buildPackages(
    repository,
    Array.from({ length: count }, (_, index) => ({ name: `load-${index}`, bytes })),
  )
  await writeMetadata(repository)
  return repository
}
