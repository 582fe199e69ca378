import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, type TestContext } from 'node:test'
import { deckle } from './command-line.ts'
import { DeckleServer, serverEnvironment } from './deckle-server.ts'
import { FolderUpstream } from './folder-upstream.ts'
import { makeFilesMirror, syncWell } from './mirrors.ts'
import { writePlainFiles } from './plain-files.ts'
import { newFolder, removeFolder } from './servers.ts'

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

export interface SmallBackup {
  /** The embedded PostgreSQL is its database; the mirror `things` publishes `one` and `two`. */
  readonly server: DeckleServer
  readonly upstream: FolderUpstream
  readonly file: string
}

/** A server on its embedded PostgreSQL with one small mirror, and its backup; removed when the test ends. */
export async function smallBackup(t: TestContext): Promise<SmallBackup> {
  const { backup, remove } = await makeSmallBackup()
  t.after(remove)
  return backup
}

/** The same for all tests of the suite, or file, that calls this, which leave both as they are. */
export function sharedSmallBackup(): () => SmallBackup {
  let made: Awaited<ReturnType<typeof makeSmallBackup>> | undefined
  before(async () => {
    made = await makeSmallBackup()
  })
  after(() => made?.remove())
  return () => {
    if (made === undefined) throw new Error('the backup is there only while tests run')
    return made.backup
  }
}

async function makeSmallBackup() {
  const [files, dataDir, backups] = await Promise.all([newFolder(), newFolder(), newFolder()])
  await writePlainFiles(files, { one: 'first text', two: 'second text' })
  const upstream = await FolderUpstream.of(files)
  const server = await DeckleServer.start({ dataDir })
  const remove = async () => {
    await server.stop()
    await Promise.all([upstream.server.close(), ...[files, dataDir, backups].map(removeFolder)])
  }
  await makeFilesMirror(server, 'things', { feed: upstream.feed })
  await syncWell(server, 'things')
  const file = join(backups, 'backup.tar')
  await succeedDeckle(['backup', file], server)
  return { backup: { server, upstream, file }, remove }
}
