import type { PrimaryPackage } from './metadata/primary-package.ts'
import { Names } from './names.ts'
import { packageFileName } from './package-location.ts'

/** Digits of the checksum that tell files of one name apart. */
const digits = 12

/**
 * Names for the files of a run. Upstreams may keep packages of one file name in several folders (two epochs of one version, a folder for
 * each arch), and all of ours lie in one: then every further one gets the start of its checksum into its name.
 */
export class FileNames {
  readonly #taken = new Names()

  /** Undefined when the location ends in none that is safe. */
  nameOf({ href, checksum }: Pick<PrimaryPackage, 'href' | 'checksum'>): string | undefined {
    const own = packageFileName(href)
    if (own === undefined) return undefined
    const name = this.#taken.has(own) ? own.replace(/(\.rpm)?$/, `-${checksum.slice(0, digits).toLowerCase()}$1`) : own
    this.#taken.add(name)
    return name
  }
}
