import type { PublishRun } from '../../../core/distributor.ts'
import type { JsonObject } from '../../../core/json.ts'
import { MetadataWriter } from '../metadata/metadata-writer.ts'
import type { PublishedContent } from '../published-content.ts'
import type { Advisory, Collection } from './advisory.ts'
import { erratumType, toAdvisory } from './erratum-unit.ts'
import { printAdvisory } from './print-advisory.ts'

type Run = Pick<PublishRun<unknown>, 'units' | 'signal'>

const lineEnd = Buffer.from('\n')

/** updateinfo.xml. */
export const publishedErrata: PublishedContent = {
  contentTypes: [erratumType.id],
  step: 'errata',
  async *files(run, { packageTypes, timestamp }) {
    const { updateinfoChecksumType: checksumType, compression } = run.config
    const plan = { type: 'updateinfo', checksumType, compression, timestamp }
    const writer = new MetadataWriter(plan, updateinfoDocument(run, packageTypes))
    yield writer.generatedFile()
    return [writer.record()]
  },
}

/**
 * The text of updateinfo.xml: every advisory, of its packages those that are published (pulp2-types §5.9), which are of the types
 * `packageTypes`.
 */
async function* updateinfoDocument(run: Run, packageTypes: readonly string[]): AsyncGenerator<Uint8Array> {
  const published = await publishedPackages(run, packageTypes)
  yield Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n')
  const query = { types: [erratumType.id], order: ['id'], documents: erratumType.documents }
  for await (const { unit, documents } of run.units(query)) {
    run.signal.throwIfAborted()
    yield printAdvisory(asPublished(toAdvisory(unit.metadata, documents), published))
    yield lineEnd
  }
  yield Buffer.from('</updates>\n')
}

async function publishedPackages(run: Run, types: readonly string[]): Promise<ReadonlySet<string>> {
  const published = new Set<string>()
  for await (const { unit } of run.units({ types })) published.add(buildOf(unit.metadata))
  return published
}

/** Collections of the same files, which several repositories brought, are one; an empty one stays. */
function asPublished(advisory: Advisory, published: ReadonlySet<string>): Advisory {
  const collections = advisory.pkglist.map((collection): Collection => {
    const packages = collection.packages.filter((one) => published.has(buildOf({ ...one })))
    return { ...collection, packages }
  })
  const byFiles = new Map<string, Collection>()
  for (const collection of collections) {
    const files = filesOf(collection)
    if (!byFiles.has(files)) byFiles.set(files, collection)
  }
  return { ...advisory, pkglist: [...byFiles.values()] }
}

function buildOf({ name, epoch, version, release, arch }: JsonObject): string {
  return `${name}-${epoch ?? '0'}:${version}-${release}.${arch}`
}

function filesOf({ module, packages }: Collection): string {
  // Some upstreams name no files.
  const files = packages.map((one) => `${buildOf({ ...one })} ${one.filename}`).sort()
  return JSON.stringify([module ?? null, files])
}
