import type { ContentType } from '../../core/content-type.ts'
import { sha256Hex } from '../../core/digest.ts'
import type { DiscoveredUnit } from '../../core/unit.ts'

/** What the importer makes. */
export const harnessTypeOne: ContentType = {
  id: 'harness_type_one',
  displayName: 'Test Harness Type 1',
  description: 'A unit that the harness importer has made',
  keyFields: ['name'],
  searchIndexes: ['name', 'search_1', 'search_2'],
  referencedTypes: [],
  hasFiles: true,
  documents: [],
}

/** Nobody makes these; clients ask for the type. */
export const harnessTypeTwo: ContentType = {
  id: 'harness_type_two',
  displayName: 'Test Harness Type 2',
  description: 'A unit with a version',
  keyFields: ['name', 'version'],
  searchIndexes: ['name', 'version'],
  referencedTypes: [],
  hasFiles: true,
  documents: [],
}

export interface HarnessUnitOptions {
  readonly withFile: boolean
  /** How many values `search_2` takes. */
  readonly searchEntropy: number
}

/** Unit number `index`. Two runs make the same one, so that a sync that changes nothing makes no version. */
export function harnessUnit(index: number, { withFile, searchEntropy }: HarnessUnitOptions): DiscoveredUnit {
  const name = `harness_unit_${index}`
  const metadata = {
    name,
    search_1: `value_${index}`,
    search_2: `value_${index % searchEntropy}`,
    random_1: sha256Hex(name).slice(0, 4),
  }
  return { type: harnessTypeOne.id, key: { name }, metadata, files: withFile ? [fileOf(name, index)] : [] }
}

function fileOf(name: string, index: number) {
  const bytes = Buffer.from(name)
  return {
    path: `chunk_${index % 5}/${name}.unit`,
    size: bytes.length,
    digests: [{ algorithm: 'sha256', value: sha256Hex(bytes) } as const],
    urls: [],
    async *content() {
      yield bytes
    },
  }
}
