import type { DisplacedUnit } from '../core/importer.ts'
import { canonicalJson, type JsonObject } from '../core/json.ts'
import type { SyncRecorder } from './sync-recorder.ts'

/** Those whose room is needed: nothing that they make room for had a problem. */
export function withoutSpared(
  displaced: readonly DisplacedUnit[],
  { problems, untold, troubledTypes }: Pick<SyncRecorder, 'problems' | 'untold' | 'troubledTypes'>,
): readonly DisplacedUnit[] {
  if (!displaced.some(({ type }) => troubledTypes.has(type))) return displaced
  // Of some problems nobody remembers which unit they were with.
  if (untold) return displaced.filter(({ type }) => !troubledTypes.has(type))
  const troubled = new Map<string, ReadonlySet<string>>()
  return displaced.filter(({ type, by }) => {
    const fields = Object.keys(by)
    const kind = JSON.stringify([type, fields])
    const keys =
      troubled.get(kind) ?? new Set(problems.filter((one) => one.type === type).map(({ key }) => picked(key, fields)))
    troubled.set(kind, keys)
    return !keys.has(picked(by, fields))
  })
}

function picked(key: JsonObject, fields: readonly string[]): string {
  return canonicalJson(fields.map((field) => key[field] ?? null))
}
