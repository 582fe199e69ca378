import type { ContentType } from '../../core/content-type.ts'
import { sha256Hex } from '../../core/digest.ts'
import { inOnePiece } from '../../core/in-one-piece.ts'
import type { DiscoveredUnit } from '../../core/unit.ts'

/** A text with a name. */
export const textType: ContentType = {
  id: 'demo_text',
  displayName: 'Text',
  description: 'A text that stands in the config of its importer',
  keyFields: ['name'],
  searchIndexes: ['name', 'size'],
  referencedTypes: [],
  hasFiles: true,
  documents: [],
}

/** The unit of a text; its file has the text's name. */
export function toTextUnit(name: string, text: string): DiscoveredUnit {
  const bytes = Buffer.from(text)
  const digests = [{ algorithm: 'sha256', value: sha256Hex(bytes) } as const]
  return {
    type: textType.id,
    key: { name },
    metadata: { name, size: bytes.length },
    files: [{ path: name, size: bytes.length, digests, urls: [], content: () => inOnePiece(bytes) }],
  }
}
