/** Objects whose members are the user's or a plugin's: values are compared by their types where a key is in both. */
const freeObjects = new Set(['config', 'notes', 'content_unit_counts', 'progress_report', 'overrides'])

/** Members whose values are words of the API. */
const words = new Set(['_ns', 'task'])

/**
 * Paths at which an answer is unlike a sample, `importers[]._id`: a member that is missing, a value of another JSON type, or
 * another word of the API. Null is a type of its own. An answer may have members that the sample has not, and a list any length but zero.
 */
export function unlikeSample(sample: unknown, actual: unknown): readonly string[] {
  return [...new Set(differences(sample, actual, ''))].sort()
}

function differences(sample: unknown, actual: unknown, path: string): string[] {
  if (jsonType(sample) !== jsonType(actual)) return [path]
  if (Array.isArray(sample) && Array.isArray(actual)) return inList(sample, actual, `${path}[]`)
  if (isObject(sample) && isObject(actual)) return inObject(sample, actual, path)
  return []
}

function inList(sample: readonly unknown[], actual: readonly unknown[], path: string): string[] {
  if (sample.length === 0) return []
  if (actual.length === 0) return [path]
  return sample.flatMap((entry, at) => differences(entry, actual[at] ?? actual[0], path))
}

function inObject(sample: JsonLike, actual: JsonLike, path: string): string[] {
  const free = freeObjects.has(path.slice(path.lastIndexOf('.') + 1))
  return Object.entries(sample).flatMap(([key, value]) => {
    const inside = path === '' ? key : `${path}.${key}`
    if (words.has(key) && value !== actual[key]) return [inside]
    if (key in actual) return differences(value, actual[key], inside)
    return free ? [] : [inside]
  })
}

type JsonLike = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is JsonLike {
  return jsonType(value) === 'object'
}

function jsonType(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
