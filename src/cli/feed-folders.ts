import { fileURLToPath } from 'node:url'
import { ServerError, TaskFailedError } from '../clients/server-error.ts'
import { CliError } from './cli-error.ts'

/**
 * Does the work for a feed. Where the server refuses a `file:` feed because its folder is not among DECKLE_FEED_DIRS,
 * the error says how to allow it.
 */
export async function explainFeedFolders<T>(feed: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!feed.startsWith('file:') || !isFolderRefusal(error)) throw error
    const folder = fileURLToPath(feed).replace(/(?<=.)\/$/, '')
    const remedy = `to allow this folder, start the server with DECKLE_FEED_DIRS=${quote(folder)}`
    throw new CliError(`${error.message.trim()}; ${remedy}`, 1, { cause: error })
  }
}

function isFolderRefusal(error: unknown): error is Error {
  const isRefusal = error instanceof ServerError || error instanceof TaskFailedError
  return isRefusal && error.message.includes('DECKLE_FEED_DIRS')
}

/** For a shell, quoted only where it has to be. */
function quote(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
