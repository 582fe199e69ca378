import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, zstdCompressSync } from 'node:zlib'
import { clientPath } from '../../src/testing/clients.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { succeed } from './programs.ts'

export interface MetadataForm {
  /** How the files of the metadata are compressed; default gz. */
  readonly compression?: 'gz' | 'xz' | 'bz2' | 'zst' | 'none'
  /** As createrepo_c names it; of packages and metadata; default sha256. */
  readonly checksum?: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'
  /** Adds SQLite databases. */
  readonly database?: boolean
  /** The text of a comps.xml. */
  readonly comps?: string
  /** A folder of older builds, from which delta packages are made. */
  readonly olderBuilds?: string
  /** Where the packages lie, if not here (`xml:base`). */
  readonly baseUrl?: string
  /** Texts of other files that repomd.xml lists, by type. */
  readonly files?: Readonly<Record<string, string>>
  /** Further arguments of createrepo_c. */
  readonly further?: readonly string[]
}

/** Writes `repodata/` for the packages in `folder`, in the place of what is there. */
export async function writeMetadata(folder: string, form: MetadataForm = {}): Promise<void> {
  const {
    compression = 'gz',
    checksum = 'sha256',
    database = false,
    comps,
    olderBuilds,
    baseUrl,
    files = {},
    further = [],
  } = form
  const own = compression === 'zst' || compression === 'none'
  const packed = own ? 'gz' : compression
  const args = [
    '--quiet',
    `--general-compress-type=${packed}`,
    `--checksum=${checksum}`,
    database ? '--database' : '--no-database',
    ...(comps === undefined ? [] : ['--groupfile', await textFile('comps.xml', comps)]),
    ...(olderBuilds === undefined ? [] : ['--deltas', '--num-deltas=1', '--oldpackagedirs', olderBuilds]),
    ...(baseUrl === undefined ? [] : ['--baseurl', baseUrl]),
    ...further,
    folder,
  ]
  await rm(join(folder, 'repodata'), { recursive: true, force: true })
  await succeed(clientPath('createrepo_c'), args)
  for (const [type, text] of Object.entries(files)) await addFile(folder, type, text, packed)
  if (own) await recompress(folder, compression)
}

async function addFile(folder: string, type: string, text: string, packed: string): Promise<void> {
  const options = [`--mdtype=${type}`, `--compress-type=${packed}`]
  await succeed(clientPath('modifyrepo_c'), [...options, await textFile(type, text), join(folder, 'repodata')])
}

async function textFile(name: string, text: string): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, text)
  return path
}

/** createrepo_c of Debian 12 writes neither zstd nor plain text. */
async function recompress(folder: string, compression: 'zst' | 'none'): Promise<void> {
  const path = join(folder, 'repodata/repomd.xml')
  const records = (await readFile(path, 'utf8')).split(/(?=<data )/)
  const rewritten = await Promise.all(records.map((record) => recompressRecord(folder, record, compression)))
  await writeFile(path, rewritten.join(''))
}

async function recompressRecord(folder: string, record: string, compression: 'zst' | 'none'): Promise<string> {
  const href = /<location href="([^"]+)\.gz"/.exec(record)?.[1]
  if (href === undefined) return record
  const text = gunzipSync(await readFile(join(folder, `${href}.gz`)))
  const bytes = compression === 'zst' ? zstdCompressSync(text) : text
  const renamed = compression === 'zst' ? `${href}.zst` : href
  await writeFile(join(folder, renamed), bytes)
  await rm(join(folder, `${href}.gz`))
  return record
    .replace(/<checksum type="(\w+)">\w+</, (_, type: string) => `<checksum type="${type}">${digest(type, bytes)}<`)
    .replace(/<size>\d+</, `<size>${bytes.length}<`)
    .replace(`${href}.gz`, renamed)
}

function digest(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex')
}
