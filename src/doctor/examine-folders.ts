import { access, constants, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { abandonedTemporary } from '../blobs/temporary-name.ts'
import { toErrorReport } from '../core/errors.ts'
import { requireLocalDisk } from '../database/embedded/local-disk.ts'
import { adminPasswordFile, localTokenFile } from '../operations/first-start.ts'
import { blobFolder, spoolFolder } from '../server/compose.ts'
import type { Config } from '../server/config.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

/** The folders that the server writes to: there, writable, closed to others, with room, without leftovers. */
export async function* examineFolders(config: Config): AsyncGenerator<Finding> {
  const folders = { 'data folder': config.dataDir, 'stored files': blobFolder(config) }
  for (const [check, folder] of Object.entries(folders)) {
    const finding = await examineFolder(check, folder)
    yield finding
    if (finding.state === 'ok') yield await examineSpace(`${check}: space`, folder, config.freeSpaceFloor)
  }
  if (config.databaseUrl === undefined) yield* examineDisk(config.dataDir)
  yield* examineSecrets(config.dataDir)
  yield await examineLeftovers([join(blobFolder(config), 'staging'), spoolFolder(config)])
}

async function examineFolder(check: string, folder: string): Promise<Finding> {
  const found = await stat(folder).catch(() => undefined)
  if (found === undefined)
    return warning(check, `${folder} does not exist`, 'the first start makes it; mount it if it is a disk')
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    return problem(
      check,
      `${folder} cannot be written by this user`,
      'run Deckle as its owner, or give it to this user',
    )
  }
  if ((found.mode & 0o022) === 0) return ok(check, folder)
  return warning(check, `others may write into ${folder}`, `chmod go-w ${folder}`)
}

/** Below this share a disk is nearly full, however large it is. */
const scarce = 0.05

/** `floor` in MiB. */
async function examineSpace(check: string, folder: string, floor: number): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(folder)
  const free = `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GiB free`
  if ((bavail * bsize) / 1024 ** 2 < floor) {
    const message = `${free}, less than the floor of ${floor} MiB: nothing more is mirrored`
    return problem(check, message, 'make room, or lower DECKLE_FREE_SPACE_FLOOR')
  }
  if (blocks === 0 || bavail / blocks >= scarce) return ok(check, free)
  return warning(check, `${free}, less than ${scarce * 100} % of the disk`, 'make room, or give Deckle a larger disk')
}

async function* examineDisk(folder: string): AsyncGenerator<Finding> {
  try {
    await requireLocalDisk(folder)
  } catch (error) {
    const { message } = toErrorReport(error)
    if (!message.includes('ENOENT')) yield problem('local disk', message, 'see there')
  }
}

async function* examineSecrets(folder: string): AsyncGenerator<Finding> {
  for (const name of [adminPasswordFile, localTokenFile]) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found === undefined || (found.mode & 0o077) === 0) continue
    yield problem('secrets', `${path} can be read by others`, `chmod 600 ${path}, then change what is in it`)
  }
}

/** What is older than this was left by somebody who died; transfers of other machines take less. */
const oldMs = 24 * 3600 * 1000

async function examineLeftovers(folders: readonly string[]): Promise<Finding> {
  const before = new Date(Date.now() - oldMs)
  const counts = await Promise.all(
    folders.map(async (folder) => (await abandonedTemporary(folder, before).catch(() => [])).length),
  )
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return ok('temporary files', 'none were left behind')
  return warning('temporary files', `${total} were left behind by processes that died`, 'the next start removes them')
}
