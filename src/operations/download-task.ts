import type { NewTask } from '../core/task.ts'

/**
 * The task that fetches what a repository lacks, and with `verifyAll` reads what it has. Both tags, since the documents of Pulp
 * and its servers differ; it holds nothing, so it runs beside syncs (pulp2-api §0 row 3, §3.5).
 */
export function downloadTask(repositoryId: string, verifyAll = false): NewTask {
  return {
    operation: 'download-repository',
    arguments: { repository: repositoryId, verify: verifyAll },
    tags: [`repository:${repositoryId}`, 'action:download', 'action:download_repo'],
    resources: [],
  }
}
