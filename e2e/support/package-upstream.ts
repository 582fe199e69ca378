import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { FolderUpstream, filesBelow } from './folder-upstream.ts'
import { writeMetadata } from './repository-metadata.ts'
import { buildPackages, copyPackages, type PackageSpec } from './rpm-packages.ts'

/** Packages that are built once, and of which an upstream shows some. */
export class PackageUpstream {
  readonly #built: string
  readonly #folder: string
  readonly #packages: readonly PackageSpec[]
  readonly #upstream: FolderUpstream

  private constructor(built: string, folder: string, packages: readonly PackageSpec[], upstream: FolderUpstream) {
    this.#built = built
    this.#folder = folder
    this.#packages = packages
    this.#upstream = upstream
  }

  static async of(packages: readonly PackageSpec[]): Promise<PackageUpstream> {
    const [built, folder] = [await temporaryFolder(), await temporaryFolder()]
    await buildPackages(built, packages)
    return new PackageUpstream(built, folder, packages, await FolderUpstream.of(folder))
  }

  get feed(): string {
    return this.#upstream.feed
  }

  async show(packages: readonly PackageSpec[]): Promise<void> {
    for (const path of await filesBelow(this.#folder)) await rm(join(this.#folder, path))
    await copyPackages(this.#built, this.#folder, packages)
    await writeMetadata(this.#folder)
    await this.#upstream.update()
  }

  async showSome(random: SeededRandom): Promise<void> {
    const some = this.#packages.filter(() => random.below(2) === 0)
    await this.show(some.length > 0 ? some : this.#packages.slice(0, 1))
  }
}
