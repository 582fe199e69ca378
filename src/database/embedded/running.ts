import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { databaseUrl } from './connect.ts'
import { chosenFolder } from './placement.ts'
import { livingPostmaster } from './postmaster-file.ts'

/** The URL of the embedded PostgreSQL of `folder`, if it runs; undefined when it does not or never did. Starts and makes nothing. */
export async function runningEmbeddedPostgres(folder: string): Promise<string | undefined> {
  const place = await realpath(folder).catch(() => undefined)
  if (place === undefined) return undefined
  const chosen = await chosenFolder(place)
  const server = await livingPostmaster(join(chosen, 'data'))
  if (server === undefined) return undefined
  const password = (await readFile(join(chosen, 'password'), 'utf8')).trim()
  return databaseUrl({ sockets: server.socketFolder, port: server.port, password }, 'deckle')
}
