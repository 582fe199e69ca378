import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { deckle } from './command-line.ts'
import { serverEnvironment } from './deckle-server.ts'
import { FolderUpstream } from './folder-upstream.ts'
import { makeFilesMirror, syncWell } from './mirrors.ts'
import { writePlainFiles } from './plain-files.ts'
import { startServer, testFolder } from './servers.ts'

/** Which server a command is about. */
export interface Place {
  readonly dataDir: string
  readonly databaseUrl?: string | undefined
  readonly settings?: Readonly<Record<string, string>>
}

export function environmentOf({ dataDir, databaseUrl, settings = {} }: Place): Record<string, string> {
  return serverEnvironment({ dataDir, settings, ...(databaseUrl !== undefined && { databaseUrl }) })
}

export async function succeedDeckle(args: readonly string[], place: Place) {
  const outcome = await deckle(args, environmentOf(place))
  assert.equal(outcome.code, 0, outcome.stderr)
  return outcome
}

export async function failDeckle(args: readonly string[], place: Place) {
  const outcome = await deckle(args, environmentOf(place))
  assert.equal(outcome.code, 1, outcome.stderr)
  return outcome
}

/** A server on its embedded PostgreSQL with one small mirror, and its backup. */
export async function smallBackup(t: TestContext) {
  const folder = await temporaryFolder()
  await writePlainFiles(folder, { one: 'first text', two: 'second text' })
  const upstream = await FolderUpstream.of(folder)
  const server = await startServer(t, { dataDir: await testFolder(t) })
  await makeFilesMirror(server, 'things', { feed: upstream.feed })
  await syncWell(server, 'things')
  const file = join(await testFolder(t), 'backup.tar')
  await succeedDeckle(['backup', file], server)
  return { file, server, upstream }
}
