import { evrText } from './package-entries.ts'
import type { PackageName } from './package-index.ts'

/** Which packages are to be copied for what lists them, from the place (`copy-places.ts`) that lists them. */
export class WantedPackages {
  /** Groups of the copy's own source name them without a version. */
  readonly names = new Set<string>()
  readonly #builds = new Set<string>()

  get hasBuilds(): boolean {
    return this.#builds.size > 0
  }

  get isEmpty(): boolean {
    return this.names.size === 0 && !this.hasBuilds
  }

  addBuild(build: Build, place: number): void {
    this.#builds.add(`${place} ${buildText(toPackageName(build))}`)
  }

  hasBuild(name: PackageName, place: number): boolean {
    return this.#builds.has(`${place} ${buildText(name)}`)
  }
}

/** An exact package. No epoch is epoch 0. */
export interface Build {
  readonly name: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  readonly arch: string
}

export function toPackageName({ name, epoch, version, release, arch }: Build): PackageName {
  return { name, evr: evrText(epoch, version, release), arch }
}

/** One text for one package. */
export function buildText({ name, evr, arch }: PackageName): string {
  return `${name} ${evr} ${arch}`
}

const build = /^(.+)-(?:(\d+):)?([^-:]+)-([^-:]+)\.([^-.]+)$/

/** Of a text like `bear-0:4.1-1.noarch`; undefined for any other. */
export function parseBuild(text: string): Build | undefined {
  const found = build.exec(text)
  if (found === null) return undefined
  const [, name = '', epoch = '0', version = '', release = '', arch = ''] = found
  return { name, epoch, version, release, arch }
}
