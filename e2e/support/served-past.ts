import { gunzipSync } from 'node:zlib'
import { fetchBytes, packagesOf, recordsOf, sha256 } from './published.ts'

/** What a repository of packages serves: sha256 of each file by its path, and the names in each folder. */
export type Served = Readonly<Record<string, string>>

/** Reads a publication from repomd.xml on, whole: now, or as it was at a time. */
export async function readServed(url: string, at?: string): Promise<Served> {
  const get = (path: string) => fetchBytes(addressOf(url + path, at))
  const repomd = await get('repodata/repomd.xml')
  const served: Record<string, string> = { 'repodata/repomd.xml': repomd.toString() }
  const records = recordsOf(repomd.toString())
  for (const { href } of records.values()) served[href] = sha256(await get(href))
  const primary = gunzipSync(await get(records.get('primary')?.href ?? '')).toString()
  for (const { href } of packagesOf(primary)) served[href] = sha256(await get(href))
  for (const folder of ['', 'repodata/']) served[folder] = namesIn((await get(folder)).toString())
  return served
}

export function addressOf(url: string, at: string | undefined): string {
  return at === undefined ? url : `${url}?at=${encodeURIComponent(at)}`
}

/** The links of a page lead on into the past, the names do not. */
function namesIn(page: string): string {
  return [...page.matchAll(/href="([^"?]+)/g)].map(([, name]) => name).join(' ')
}
