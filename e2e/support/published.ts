import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'

/** A package as a publication lists it. */
export interface ListedPackage {
  readonly href: string
  readonly checksum: { readonly type: string; readonly value: string }
}

/** Fetches a published file; throws for any answer but 200. */
export async function fetchBytes(url: string): Promise<Buffer> {
  const response = await fetch(url)
  const bytes = Buffer.from(await response.arrayBuffer())
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}`)
  return bytes
}

export async function statusOf(url: string): Promise<number> {
  const response = await fetch(url, { redirect: 'manual' })
  await response.body?.cancel()
  return response.status
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The metadata files that a repomd.xml names: type → path and checksum. */
export function recordsOf(repomd: string): Map<string, { href: string; sha256: string }> {
  const records = repomd.split(/(?=<data )/).slice(1)
  return new Map(
    records.map((record) => [
      capture(record, /<data type="([^"]+)"/),
      { href: capture(record, /<location href="([^"]+)"/), sha256: capture(record, /<checksum type="sha256">(\w+)</) },
    ]),
  )
}

/** The packages that a primary.xml lists. */
export function packagesOf(primary: string): ListedPackage[] {
  return primary
    .split(/(?=<package )/)
    .slice(1)
    .map((entry) => ({
      href: capture(entry, /<location (?:xml:base="[^"]*" )?href="([^"]+)"/),
      checksum: { type: capture(entry, /<checksum type="(\w+)"/), value: capture(entry, /<checksum [^>]*>(\w+)</) },
    }))
}

/** Follows a publication from repomd.xml to its list of packages. */
export async function listPublished(url: string): Promise<ListedPackage[]> {
  const primary = recordsOf((await fetchBytes(`${url}repodata/repomd.xml`)).toString()).get('primary')
  if (primary === undefined) throw new Error(`${url} has no primary metadata`)
  return packagesOf(gunzipSync(await fetchBytes(url + primary.href)).toString())
}

/** sha256 of every published package by its file name. */
export async function publishedChecksums(url: string): Promise<Record<string, string>> {
  const packages = await listPublished(url)
  const pairs: [string, string][] = []
  for (const { href } of packages) pairs.push([href.replace(/^.*\//, ''), sha256(await fetchBytes(url + href))])
  return Object.fromEntries(pairs.sort())
}

/** Repomd.xml and every file that it names, by path: what must stay the same when nothing new is published. */
export async function metadataOf(url: string): Promise<Record<string, string>> {
  const repomd = await fetchBytes(`${url}repodata/repomd.xml`)
  const hrefs = [...recordsOf(repomd.toString()).values()].map(({ href }) => href)
  const files: Record<string, string> = { 'repodata/repomd.xml': repomd.toString() }
  for (const href of hrefs) files[href] = sha256(await fetchBytes(url + href))
  return files
}

function capture(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`no ${pattern.source} in ${text.slice(0, 200)}`)
  return found
}
