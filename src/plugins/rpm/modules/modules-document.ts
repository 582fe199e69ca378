import type { PublishRun } from '../../../core/distributor.ts'
import { hasDocumentStart } from '../../../formats/yaml-documents.ts'
import { MetadataWriter } from '../metadata/metadata-writer.ts'
import type { PublishedContent } from '../published-content.ts'
import { moduleDocument, moduleExtraType, modulemdDefaultsType, modulemdType, moduleTypes } from './module-types.ts'

type Run = Pick<PublishRun<{ readonly skip: readonly string[] }>, 'units' | 'signal' | 'config'>

/** In the order of the document, and how each is ordered. */
const parts = [
  { type: modulemdType.id, order: ['name', 'stream', 'version', 'context', 'arch'] },
  { type: modulemdDefaultsType.id, order: ['name'] },
  { type: moduleExtraType.id, order: ['document', 'module', 'stream', 'checksum'] },
]

/** modules.yaml. */
export const publishedModules: PublishedContent = {
  contentTypes: moduleTypes.map(({ id }) => id),
  step: 'modules',
  async *files(run, { timestamp }) {
    const { checksumType, compression } = run.config
    const writer = new MetadataWriter(
      { type: 'modules', format: 'yaml', checksumType, compression, timestamp },
      modulesDocument(run),
    )
    yield writer.generatedFile()
    return [writer.record()]
  },
}

/** The text of modules.yaml: each document with the bytes that it was read with, between marks that keep them apart. */
async function* modulesDocument(run: Run): AsyncGenerator<Uint8Array> {
  for (const { type, order } of parts) {
    if (run.config.skip.includes(type)) continue
    for await (const { documents } of run.units({ types: [type], order, documents: [moduleDocument] })) {
      run.signal.throwIfAborted()
      yield framed(Buffer.from(documents[moduleDocument] ?? []))
    }
  }
}

function framed(document: Buffer): Buffer {
  const start = hasDocumentStart(document) ? '' : '---\n'
  const end = document.at(-1) === 0x0a ? '...\n' : '\n...\n'
  return Buffer.concat([Buffer.from(start), document, Buffer.from(end)])
}
