import assert from 'node:assert/strict'
import { gunzipSync } from 'node:zlib'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import type { DeckleServer } from './deckle-server.ts'
import { FolderUpstream } from './folder-upstream.ts'
import { makeFilesMirror, makeMirror } from './mirrors.ts'
import { writePlainFiles } from './plain-files.ts'
import { fetchBytes, packagesOf, recordsOf, sha256 } from './published.ts'
import { writeMetadata } from './repository-metadata.ts'
import { buildPackages, copyPackages, fileNameOf, type PackageSpec } from './rpm-packages.ts'

/** The sha256 of every file by its name. */
export type Checksums = Readonly<Record<string, string>>

/** One state of an upstream. */
export interface Snapshot {
  readonly upstream: FolderUpstream
  readonly files: Checksums
}

/** What a test of faults has to know of a kind of mirror. */
export interface StormyKind {
  readonly name: string
  /** Without a bad file, since those of its kind must have all or nothing. */
  readonly allOrNothing: boolean
  make(server: DeckleServer, id: string, importer: Readonly<Record<string, unknown>>): Promise<string>
  /** States of an upstream, each with new files, some gone, and one changed. No other `name` has files with the same bytes. */
  snapshots(count: number, name: string): Promise<readonly Snapshot[]>
  /** What is published, by its own lists, whose own checksums are checked. `get` throws when it does not get a whole file. */
  listed(get: (path: string) => Promise<Buffer>): Promise<Checksums>
  /** Names of the files that the report of a sync calls bad. */
  bad(report: Readonly<Record<string, unknown>>): readonly string[]
}

/** So many that a storm hits some of them. */
const arrivals = Array.from({ length: 10 }, (_, number) => number)
const fewBytes = 2_000
const manyBytes = 1_500_000

export const packages: StormyKind = {
  name: 'packages',
  allOrNothing: false,
  make: makeMirror,
  async snapshots(count, name) {
    const built = await temporaryFolder()
    const states = Array.from({ length: count }, (_, index) => packagesAt(index, name))
    const all = new Map(states.flat().map((spec) => [fileNameOf(spec), spec]))
    // Once: a package that is rebuilt under its old name is another one at the same path.
    await buildPackages(built, [...all.values()])
    return Promise.all(
      states.map(async (state) => {
        const folder = await temporaryFolder()
        await copyPackages(built, folder, state)
        await writeMetadata(folder)
        return snapshotOf(folder, state.map(fileNameOf))
      }),
    )
  },
  async listed(get) {
    const records = recordsOf((await get('repodata/repomd.xml')).toString())
    const documents = new Map<string, string>()
    for (const [type, { href, sha256: expected }] of records) {
      const bytes = await get(href)
      if (sha256(bytes) !== expected) throw new Error(`${href} is not what repomd.xml says`)
      documents.set(type, gunzipSync(bytes).toString())
    }
    const listed = packagesOf(documents.get('primary') ?? '')
    const pkgids = listed.map(({ checksum }) => checksum.value).sort()
    for (const type of ['filelists', 'other']) {
      const others = [...(documents.get(type) ?? '').matchAll(/pkgid="(\w+)"/g)].map(([, pkgid]) => pkgid)
      assert.deepEqual(others.sort(), pkgids, `${type} and primary list the same packages`)
    }
    return Object.fromEntries(listed.map(({ href, checksum }) => [href, checksum.value]))
  },
  bad(report) {
    const { content } = report['yum_importer'] as { content: { error_details: readonly BadPackage[] } }
    return content.error_details.map(({ name, unit_key }) =>
      unit_key === undefined ? (name ?? '') : fileNameOf(unit_key),
    )
  },
}

interface BadPackage {
  readonly name?: string
  readonly unit_key?: PackageSpec
}

function packagesAt(index: number, name: string): readonly PackageSpec[] {
  const release = `1.${name.replaceAll(/\W|_/g, '')}`
  const small = { release, bytes: fewBytes }
  const always = Array.from({ length: 12 }, (_, number) => ({ name: `always-${number}`, ...small }))
  return [
    ...always,
    ...arrivals.map((number) => ({ name: `arrival-${index}-${number}`, ...small })),
    { name: 'updated', version: `${index}`, ...small },
    { name: `large-${index}`, release, bytes: manyBytes },
  ]
}

export const plainFiles: StormyKind = {
  name: 'files',
  allOrNothing: true,
  make: makeFilesMirror,
  snapshots: (count, name) =>
    Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const folder = await temporaryFolder()
        const files = filesAt(index, name)
        await writePlainFiles(folder, files)
        return snapshotOf(folder, Object.keys(files))
      }),
    ),
  async listed(get) {
    const lines = (await get('PULP_MANIFEST')).toString().split('\n')
    return Object.fromEntries(
      lines.flatMap((line) => {
        const [name, checksum] = line.split(',')
        return name === undefined || checksum === undefined ? [] : [[name, checksum]]
      }),
    )
  },
  bad(report) {
    const { iso_error_messages } = report['iso_importer'] as { iso_error_messages: readonly { name: string }[] }
    return iso_error_messages.map(({ name }) => name)
  },
}

function filesAt(index: number, name: string): Readonly<Record<string, string>> {
  const text = (of: string, bytes = fewBytes) => `${of} of ${name}\n`.padEnd(bytes, of)
  return {
    ...Object.fromEntries(Array.from({ length: 12 }, (_, number) => [`always-${number}`, text(`number ${number}`)])),
    ...Object.fromEntries(arrivals.map((number) => [`arrival-${index}-${number}`, text(`arrival ${index} ${number}`)])),
    updated: text(`state ${index}`),
    [`large-${index}`]: text(`large ${index}`, manyBytes),
  }
}

async function snapshotOf(folder: string, names: readonly string[]): Promise<Snapshot> {
  const upstream = await FolderUpstream.of(folder)
  return { upstream, files: Object.fromEntries(names.map((name) => [name, upstream.sha256(name)])) }
}

/** Every published file by what its bytes are. */
export async function publishedFiles(kind: StormyKind, url: string): Promise<Checksums> {
  const get = (path: string) => fetchBytes(url + path)
  const files: Record<string, string> = {}
  for (const name of Object.keys(await kind.listed(get))) files[name] = sha256(await get(name))
  return files
}
