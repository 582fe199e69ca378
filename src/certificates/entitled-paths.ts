import { extensionBytes, extensionsOf, extensionText } from './certificate-extensions.ts'
import { type PathTree, readPathTree } from './path-tree.ts'

/** Whether a path, without a slash at its ends, is one that a certificate gives a right to. */
export type EntitledPaths = (path: string) => boolean

/** Where entitlement certificates as Red Hat's say what they are for. */
const arc = '1.3.6.1.4.1.2312.9.'
const versionId = `${arc}6`
const payloadId = `${arc}7`
/** A path a product, the number of which does not matter (version 1). */
const pathId = /^1\.3\.6\.1\.4\.1\.2312\.9\.2\.\d+\.1\.6$/

/**
 * The paths of an entitlement certificate: version 1 has an extension for each, version 3 one with a packed tree of all. Undefined
 * for a certificate that is none and so says nothing about paths; one that cannot be read gives a right to none.
 */
export function entitledPaths(certificate: { readonly raw: Uint8Array }): EntitledPaths | undefined {
  const extensions = extensionsOf(certificate)
  if (!extensions.keys().some((id) => id.startsWith(arc))) return undefined
  const version = extensionText(extensions.get(versionId) ?? new Uint8Array()) ?? '1.0'
  if (Number.parseInt(version, 10) >= 3) return packedPaths(extensions.get(payloadId))
  const paths = [...extensions].flatMap(([id, value]) => (pathId.test(id) ? [extensionText(value) ?? ''] : []))
  const patterns = paths.map(segmentsOf).filter((pattern) => pattern.length > 0)
  return (path) => patterns.some((pattern) => beginsLike(segmentsOf(path), pattern))
}

function packedPaths(value: Uint8Array | undefined): EntitledPaths {
  const tree = readPathTree(extensionBytes(value ?? new Uint8Array()) ?? new Uint8Array())
  return (path) => {
    // All places of the tree that the path may have led to: a name may fit several.
    let places: readonly PathTree[] = [tree]
    for (const name of segmentsOf(path)) {
      const next = new Set(places.flatMap((place) => belowName(place, name)))
      if (next.values().some(({ children }) => children.length === 0)) return true
      places = [...next]
    }
    return false
  }
}

function belowName({ children }: PathTree, name: string): readonly PathTree[] {
  return children.flatMap(([pattern, below]) => (fits(name, pattern) ? [below] : []))
}

function beginsLike(path: readonly string[], pattern: readonly string[]): boolean {
  return pattern.every((segment, index) => fits(path[index] ?? '', segment))
}

/** `$releasever` stands for any name, whatever the variable is called; it may follow a beginning that does not vary. */
function fits(name: string, pattern: string): boolean {
  const variable = pattern.indexOf('$')
  if (variable === -1) return name === pattern
  return name.length > variable && name.startsWith(pattern.slice(0, variable))
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}
