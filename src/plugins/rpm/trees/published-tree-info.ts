import { type Ini, parseIni } from '../../../formats/ini.ts'
import { isVariant } from './tree-info.ts'
import { folderInTree, repositoryInTree } from './tree-path.ts'

/** What a publication has of a tree. */
export interface PublishedTree {
  /** Files of the tree: path → SHA-256, null where nobody has fetched it yet. */
  readonly digests: ReadonlyMap<string, string | null>
  /** Packages stand at the root; they are found below `Packages/` in any case. */
  readonly hasFlatPackages: boolean
}

const packageFolder = 'Packages'

/**
 * A treeinfo without what is not so in a publication; all other lines stay byte for byte. Folders of the packages of the tree itself
 * become the one where they are published, and checksums of metadata that the publication makes itself go, as Pulp 2 had it.
 */
export function publishedTreeInfo(bytes: Buffer, tree: PublishedTree): Buffer {
  const ini = parseIni(bytes.toString(), (key) => key)
  let section = ''
  let dropped = false
  const lines = bytes.toString().split(/(?<=\n)/)
  const kept = lines.map((line) => {
    const title = /^\ufeff?\[([^\]]+)\]\s*$/.exec(line)?.[1]?.trim()
    if (title !== undefined) section = title
    if (title !== undefined || /^\s*([#;]|$)/.test(line)) return line
    // It goes on with the value before it.
    if (/^\s/.test(line)) return dropped ? '' : line
    const separator = line.search(/[=:]/)
    const [key, value] = [line.slice(0, separator).trimEnd(), line.slice(separator + 1).trim()]
    dropped = section === 'checksums' && !isTrue(key, value, tree)
    if (dropped) return ''
    return namesOtherFolder(ini, section, key, tree) ? withValue(line, separator, packageFolder) : line
  })
  return Buffer.from(kept.join(''))
}

/** Of files that are no metadata the importer has checked it. */
function isTrue(path: string, checksum: string, { digests }: PublishedTree): boolean {
  if (!path.split('/').slice(0, -1).includes('repodata')) return true
  const sha256 = digests.get(path)
  return sha256 !== undefined && sha256 !== null && checksum.toLowerCase() === `sha256:${sha256}`
}

/** Whether the key names a folder of the tree's own packages in which they are not published. */
function namesOtherFolder(ini: Ini, section: string, key: string, { hasFlatPackages }: PublishedTree): boolean {
  const ofVariant = isVariant(section) && key === 'packages'
  if (!ofVariant && !(section === 'general' && key === 'packagedir')) return false
  const values = ini.get(section)
  const repository = ofVariant ? repositoryInTree(values?.get('repository') ?? '') : ''
  const folder = folderInTree(values?.get(key) ?? '')
  if (repository !== '' || folder === undefined) return false
  return folder !== packageFolder && !(folder === '' && hasFlatPackages)
}

function withValue(line: string, separator: number, value: string): string {
  const end = /\r?\n$/.exec(line)?.[0] ?? ''
  return `${line.slice(0, separator + 1)} ${value}${end}`
}
