import { ConfigReader } from '../../core/config-reader.ts'
import { Violations } from '../../core/config-shape.ts'
import type { Importer, SyncEvent, SyncRun } from '../../core/importer.ts'
import type { JsonObject } from '../../core/json.ts'
import type { SyncDescription, SyncProgress } from '../../core/sync-progress.ts'
import { delay, readDelay } from './delay.ts'
import { harnessTypeOne, harnessUnit } from './harness-types.ts'

interface HarnessConfig {
  readonly units: number
  readonly withFile: boolean
  readonly searchEntropy: number
  /** For each unit. */
  readonly delaySeconds: number
}

const batchSize = 256
const mostUnits = 1_000_000
const storedKeys = ['num_units', 'write_files']

/** Makes as many units as it is told to, and takes out what an earlier run has made beyond them (pulp2-types §11). */
export const harnessImporter: Importer<HarnessConfig> = {
  id: 'harness_importer',
  displayName: 'Test Harness Importer',
  contentTypes: ['harness_type_one', 'harness_type_two'],
  config: { parse, storable, secrets: [] },
  upstream: () => ({}),
  policy: () => ({ removeMissing: true, download: 'immediate' }),
  sync,
  describe,
  failedFilesFailTheRun: true,
}

/** An override may hold anything, since clients send those of other importers along. */
function storable(raw: JsonObject): void {
  const violations = new Violations()
  for (const [key, value] of Object.entries(raw)) {
    if (!storedKeys.includes(key)) violations.add(key, `${key} is unknown; there are ${storedKeys.join(' and ')}`)
    else if (value === null) violations.add(key, `${key} must not be null`)
  }
  violations.throwIfAny()
}

function parse(raw: JsonObject): HarnessConfig {
  const reader = new ConfigReader(raw)
  const config = {
    units: reader.integer('num_units', 0) ?? 5,
    withFile: reader.flag('write_files', false),
    searchEntropy: reader.integer('search_entropy', 1) ?? 5,
    delaySeconds: readDelay(reader, 'sync_delay_in_seconds'),
  }
  if (config.units > mostUnits) reader.refuse('num_units', `num_units must not be above ${mostUnits}`)
  reader.finish()
  return config
}

async function* sync(run: SyncRun<HarnessConfig>): AsyncGenerator<SyncEvent> {
  const { units, delaySeconds } = run.config
  run.expect(harnessTypeOne.id, units)
  for (let start = 0; start < units; start += batchSize) {
    const indexes = Array.from({ length: Math.min(batchSize, units - start) }, (_, offset) => start + offset)
    for (const _ of indexes) await delay(delaySeconds, run.signal)
    yield { units: indexes.map((index) => harnessUnit(index, run.config)) }
  }
  yield { complete: [harnessTypeOne.id] }
  run.keep(Number(run.scratchpad) + 1)
}

/** Texts where other importers have objects, since clients must be ready for both. */
function describe({ state, units, files, error }: SyncProgress): SyncDescription {
  const { done, total } = units[harnessTypeOne.id] ?? { done: 0, total: 0 }
  const lines = [`state: ${state}`, `units: ${done} of ${total}`, `files written: ${files.done - files.failed}`]
  if (error !== undefined) lines.push(`error: ${error}`)
  return {
    report: { state, units_total: total, units_done: done },
    summary: `${done} of ${total} units were made`,
    details: lines.join('\n'),
  }
}
