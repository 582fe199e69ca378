import { DeckleError } from '../../core/errors.ts'
import type { SyncRun } from '../../core/importer.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { fetchIfThere } from './fetch-if-there.ts'
import { urlBelow } from './package-location.ts'

/** What upstream had when it was read, beside what repomd.xml vouches for: path below the repository → SHA-256. */
export type UpstreamState = Readonly<Record<string, string>>

/** Bytes of a treeinfo, a signature or a key. */
const maxBytes = 4 * 1024 ** 2

/** Of what an importer remembered; empty when it is none. */
export function stateIn(remembered: Json | undefined): UpstreamState {
  if (!isJsonObject(remembered)) return {}
  return Object.fromEntries(Object.entries(remembered).filter((entry): entry is [string, string] => isText(entry[1])))
}

/** The same as it is remembered. */
export function rememberedState(state: UpstreamState): JsonObject {
  return { ...state }
}

/**
 * Whether upstream still has the very bytes of each of these files, and none of those that are `absent` has come. What cannot be
 * fetched counts as changed: to read it again says why.
 */
export async function hasStill(
  fetch: SyncRun<unknown>['fetch'],
  repository: URL,
  state: UpstreamState,
  absent: readonly string[] = [],
): Promise<boolean> {
  for (const path of [...Object.keys(state), ...absent]) {
    if ((await digestOf(fetch, urlBelow(repository, path))) !== state[path]) return false
  }
  return true
}

/** Undefined for a file that is not there, an empty text for one that could not be fetched. */
async function digestOf(fetch: SyncRun<unknown>['fetch'], url: string): Promise<string | undefined> {
  try {
    return (await fetchIfThere(fetch, { url, maxBytes }))?.sha256
  } catch (error) {
    if (error instanceof DeckleError && error.kind === 'upstream') return ''
    throw error
  }
}

function isText(value: Json): value is string {
  return typeof value === 'string'
}
