import { Violations } from '../../core/config-shape.ts'
import { invalid } from '../../core/errors.ts'
import type { Importer, SyncEvent, SyncRun } from '../../core/importer.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import type { UploadedUnits, UploadRun } from '../../core/upload.ts'
import { indexName } from './demo-layout.ts'
import { textType, toTextUnit } from './text-type.ts'

interface DemoConfig {
  readonly texts: ReadonlyMap<string, string>
}

/** Makes a unit of each text in `{ "texts": { "name": "text" } }`; other keys are kept and mean nothing. */
export const demoImporter: Importer<DemoConfig> = {
  id: 'demo_importer',
  displayName: 'Demo Importer',
  contentTypes: [textType.id],
  config: { parse, secrets: [] },
  upstream: () => ({}),
  policy: () => ({ removeMissing: true, download: 'immediate' }),
  sync,
  upload,
  describe: ({ units, error = null }) => ({
    report: { texts: units[textType.id]?.done ?? 0, error },
    summary: { texts: units[textType.id]?.done ?? 0 },
    details: null,
  }),
  failedFilesFailTheRun: true,
}

function parse(raw: JsonObject): DemoConfig {
  const violations = new Violations()
  const written = raw['texts'] ?? {}
  if (!isJsonObject(written)) violations.add('texts', 'texts must be an object of names and texts')
  const texts = new Map<string, string>()
  for (const [name, text] of Object.entries(written)) {
    if (isGoodName(name) && isText(text)) texts.set(name, text)
    else violations.add('texts', `texts: ${JSON.stringify(name)} must be a plain file name with a text`)
  }
  violations.throwIfAny()
  return { texts }
}

function isGoodName(name: string): boolean {
  return /^\w[\w.-]{0,99}$/.test(name) && name !== indexName
}

function isText(value: Json): value is string {
  return typeof value === 'string'
}

async function* sync(run: SyncRun<DemoConfig>): AsyncGenerator<SyncEvent> {
  run.expect(textType.id, run.config.texts.size)
  yield { units: [...run.config.texts].map(([name, text]) => toTextUnit(name, text)) }
  yield { complete: [textType.id] }
}

/** The name is the unit's key and the text stands in its metadata, so nothing has to be uploaded before. */
async function upload({ key, metadata }: UploadRun<DemoConfig>): Promise<UploadedUnits> {
  const { name = null } = key
  const { text = null } = metadata
  if (typeof name !== 'string' || !isGoodName(name)) throw invalid('the name in unit_key must be a plain file name')
  if (!isText(text)) throw invalid('unit_metadata must have a text')
  return { units: [toTextUnit(name, text)] }
}
