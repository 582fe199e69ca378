import { type Digest, type Expected, parseDigestAlgorithm } from '../core/digest.ts'
import { FormatError } from './format-error.ts'
import { mirrorUrl } from './mirror-list.ts'
import { childOf, parseXml, type XmlElement } from './xml.ts'

/** A file of a metalink. */
export interface MetalinkFile {
  /** Where it can be had by http(s), best first, each once. */
  readonly urls: readonly string[]
  /** What its bytes may be: as it is now, then as slower mirrors may still have it. Empty when the metalink does not say. */
  readonly versions: readonly Expected[]
}

const maxBytes = 1024 * 1024

/**
 * Reads what a metalink says of the file `name`, in version 3 (`preference`, highest first; MirrorManager's `mm0:alternates`)
 * or version 4 (RFC 5854: `priority`, lowest first). Throws a FormatError where it names no http(s) URL for it.
 */
export function parseMetalink(bytes: Uint8Array, name: string): MetalinkFile {
  const root = parseXml(bytes, { maxBytes })
  if (root.name !== 'metalink') throw new FormatError('malformed', `its root element is ${root.name}, not metalink`)
  const files = childrenOf(childOf(root, 'files') ?? root, 'file')
  const file = files.find((candidate) => candidate.attributes.get('name') === name)
  if (file === undefined) throw new FormatError('malformed', `the metalink lists no ${name}`)
  const urls = urlsOf(file)
  if (urls.length === 0) throw new FormatError('malformed', `the metalink names no http: or https: URL for ${name}`)
  const alternates = childOf(file, 'alternates')
  const states = [file, ...(alternates === undefined ? [] : childrenOf(alternates, 'alternate'))]
  return { urls, versions: states.flatMap((state) => versionOf(state) ?? []) }
}

function urlsOf(file: XmlElement): readonly string[] {
  const elements = childrenOf(childOf(file, 'resources') ?? file, 'url')
  const ranked = elements.flatMap((element) => {
    const url = mirrorUrl(element.text)
    return url === undefined ? [] : [{ url, rank: rankOf(element) }]
  })
  return [...new Set(ranked.sort((left, right) => left.rank - right.rank).map(({ url }) => url))]
}

/** Lower is better. One without any comes last; equal ones stay in order. */
function rankOf({ attributes }: XmlElement): number {
  const priority = numberOf(attributes.get('priority'))
  return priority ?? -(numberOf(attributes.get('preference')) ?? -Number.MAX_SAFE_INTEGER)
}

/** Undefined without a digest that we can check. */
function versionOf(state: XmlElement): Expected | undefined {
  const hashes = childrenOf(childOf(state, 'verification') ?? state, 'hash')
  const digests = hashes.flatMap((hash) => digestOf(hash) ?? [])
  const size = numberOf(childOf(state, 'size')?.text)
  return digests.length === 0 ? undefined : { digests, ...(size !== undefined && { size }) }
}

/** Version 4 writes `sha-256` where version 3 writes `sha256`. */
function digestOf({ attributes, text }: XmlElement): Digest | undefined {
  const algorithm = parseDigestAlgorithm((attributes.get('type') ?? '').replace('-', ''))
  return algorithm === undefined ? undefined : { algorithm, value: text.trim().toLowerCase() }
}

function numberOf(text: string | undefined): number | undefined {
  return /^\s*\d{1,15}\s*$/.test(text ?? '') ? Number(text) : undefined
}

function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name)
}
