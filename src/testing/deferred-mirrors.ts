import assert from 'node:assert/strict'
import { type Measured, sha256Hex } from '../core/digest.ts'
import type { JsonObject } from '../core/json.ts'
import { createRepository } from '../operations/manage-repositories.ts'
import { anRpm, servedAt, yumRepository } from './repodata.ts'
import { UpstreamServer } from './upstream-server.ts'
import type { WorkBench } from './work-bench.ts'

/** Name → bytes; by either plugin. */
type Files = Readonly<Record<string, string>>

export interface Family {
  readonly importer: string
  readonly distributor: string
  readonly distributorConfig: (id: string) => JsonObject
  /** Names of files as the repository shows them. */
  readonly fileName: (name: string) => string
  readonly metadata: (files: Files) => Promise<Readonly<Record<string, Buffer>>>
  /** What a sync reports that has nothing to fetch. */
  readonly nothingToFetch: (report: JsonObject) => void
}

export const iso: Family = {
  importer: 'iso_importer',
  distributor: 'iso_distributor',
  distributorConfig: () => ({ serve_http: true, serve_https: false }),
  fileName: (name) => name,
  metadata: async (files) => {
    const lines = Object.entries(files).map(([name, text]) => `${name},${sha256Hex(text)},${text.length}\n`)
    return { PULP_MANIFEST: Buffer.from(lines.join('')) }
  },
  nothingToFetch: (report) => {
    const { state, num_isos, num_isos_finished, total_bytes, finished_bytes, iso_error_messages } = report
    assert.deepEqual(
      [state, num_isos, num_isos_finished, total_bytes, finished_bytes, iso_error_messages],
      ['complete', 0, 0, 0, 0, []],
    )
  },
}

const yum: Family = {
  importer: 'yum_importer',
  distributor: 'yum_distributor',
  distributorConfig: (id) => ({ relative_url: id, http: true, https: false }),
  fileName: (name) => `${name}-4.1-1.noarch.rpm`,
  // sha1: the sha256 is known with the first fetch only.
  metadata: (files) =>
    yumRepository({
      packages: Object.entries(files).map(([name, body]) => anRpm({ name, body, checksumType: 'sha' })),
    }),
  nothingToFetch: (report) => {
    const { details, ...content } = report['content'] as JsonObject
    assert.deepEqual(content, {
      state: 'FINISHED',
      items_total: 0,
      items_left: 0,
      size_total: 0,
      size_left: 0,
      error_details: [],
    })
    assert.ok(details !== undefined)
  },
}

/** By what they hold. */
export const families = { files: iso, packages: yum }

/** What `name` holds in a repository; no other repository has these bytes. */
export function bytesOf(repository: string, name: string): string {
  return `bytes of ${name} in ${repository}`
}

let count = 0

/** A repository, not synced yet, with an upstream that has files of these names. */
export async function aMirror(
  bench: WorkBench,
  family: Family,
  names: readonly string[],
  config: JsonObject = {},
): Promise<{ readonly id: string; readonly upstream: UpstreamServer }> {
  count += 1
  const id = `mirror-${count}`
  const upstream = await UpstreamServer.start()
  await serve(family, upstream, Object.fromEntries(names.map((name) => [name, bytesOf(id, name)])))
  await createRepository(bench.services, {
    id,
    description: null,
    notes: {},
    importer: { type: family.importer, config: { feed: upstream.url('/feed/'), ...config } },
    distributors: [{ id: 'out', type: family.distributor, config: family.distributorConfig(id), autoPublish: true }],
  })
  return { id, upstream }
}

async function serve(family: Family, upstream: UpstreamServer, files: Files): Promise<void> {
  const all: Record<string, Buffer> = { ...(await family.metadata(files)) }
  for (const [name, text] of Object.entries(files)) all[family.fileName(name)] = Buffer.from(text)
  for (const [path, bytes] of Object.entries(servedAt('/feed/', all))) upstream.put(path, bytes)
}

/** Names of the unit files that an upstream was asked for, sorted; metadata left out. */
export function fetchedFrom(upstream: UpstreamServer): readonly string[] {
  return upstream.paths
    .filter((path) => !/repodata\/|PULP_MANIFEST$|treeinfo$/.test(path))
    .map((path) => path.slice('/feed/'.length))
    .sort()
}

/** Files of the latest version whose bytes are stored. */
export async function storedIn(bench: WorkBench, id: string): Promise<readonly Measured[]> {
  const files = await Array.fromAsync(bench.services.deferredFiles.ofRepository(id, 'all'))
  return files.flatMap(({ stored }) => (stored === null ? [] : [stored]))
}
