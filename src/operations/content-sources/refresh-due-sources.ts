import type { ContentCatalog, ContentSources } from '../../core/content-source.ts'
import type { JsonObject } from '../../core/json.ts'
import type { TaskStore } from '../../core/task.ts'
import { refreshSourceTask } from './refresh-sources.ts'

/** A source that could not be read is read again after so many seconds. */
const pauseSeconds = 600

interface Services {
  readonly contentSources: ContentSources
  readonly contentCatalog: Pick<ContentCatalog, 'takeTurn'>
  readonly tasks: TaskStore
}

/** Has the catalogs of enabled sources read before they expire, and those that there are not. Returns what it did, undefined for nothing. */
export async function refreshDueSources({
  contentSources,
  contentCatalog,
  tasks,
}: Services): Promise<JsonObject | undefined> {
  const queued: string[] = []
  for (const { id, enabled, expiresSeconds } of await contentSources.list()) {
    if (!enabled || !(await contentCatalog.takeTurn(id, expiresSeconds * 0.9, pauseSeconds))) continue
    await tasks.enqueue([refreshSourceTask(id)])
    queued.push(id)
  }
  return queued.length === 0 ? undefined : { sources: queued }
}
