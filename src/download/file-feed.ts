import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cancelled, DeckleError, invalid } from '../core/errors.ts'
import type { UpstreamResponse } from '../core/upstream.ts'

const readBytes = 256 * 1024

/** Reads `file:` URLs, only below the folders that the setting DECKLE_FEED_DIRS lists. Links are followed before the check. */
export class FileFeed {
  readonly #folders: readonly string[]

  constructor(folders: readonly string[]) {
    this.#folders = folders.map((folder) => resolve(folder))
  }

  /**
   * Hands the file to `consume`. Errors: kind `invalid` outside of the folders; what is not there (or is no plain file) is kind
   * `upstream`, code `http_status` with status 404, so that importers treat it like a file that a server does not have.
   */
  async read<T>(
    url: URL,
    consume: (body: AsyncIterable<Uint8Array>, response: UpstreamResponse) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const file = await this.#open(url)
    try {
      const stats = await file.stat()
      if (!stats.isFile()) throw missing(url)
      return await consume(chunks(file, signal), { url: url.href, size: stats.size, headers: {} })
    } catch (error) {
      throw signal.aborted ? cancelled() : error
    } finally {
      await file.close()
    }
  }

  async #open(url: URL): Promise<FileHandle> {
    const path = localPath(url)
    if (!isBelow(path, this.#folders)) throw this.#notAllowed(url)
    try {
      const folders = await Promise.all(this.#folders.map((folder) => realpath(folder).catch(() => folder)))
      const real = await realpath(path)
      if (!isBelow(real, folders)) throw this.#notAllowed(url)
      // No link any more since `realpath`; a pipe must not block.
      return await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    } catch (error) {
      throw explained(error, url)
    }
  }

  #notAllowed(url: URL): DeckleError {
    const known = this.#folders.length === 0 ? 'it is empty' : `it lists ${this.#folders.join(', ')}`
    return invalid(`${url.href} is not below a folder that the setting DECKLE_FEED_DIRS lists (${known})`, ['feed'])
  }
}

function localPath(url: URL): string {
  try {
    return fileURLToPath(url)
  } catch {
    throw invalid(`${url.href} names no file of this machine`, ['feed'])
  }
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => {
    const rest = relative(folder, path)
    return rest !== '' && rest !== '..' && !rest.startsWith('../')
  })
}

function explained(error: unknown, url: URL): unknown {
  if (error instanceof DeckleError || !(error instanceof Error && 'code' in error)) return error
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return missing(url)
  return new DeckleError(
    'upstream',
    `${url.href} cannot be read: ${error.code}`,
    { code: 'unreachable' },
    { cause: error },
  )
}

function missing(url: URL): DeckleError {
  return new DeckleError('upstream', `${url.href} does not exist or is not a plain file`, {
    code: 'http_status',
    data: { status: 404 },
  })
}

async function* chunks(file: FileHandle, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (;;) {
    if (signal.aborted) throw cancelled()
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(readBytes), 0, readBytes, null)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}
