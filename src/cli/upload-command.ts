import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import type { TaskReport } from '../clients/pulp-answers.ts'
import { sendChunks } from '../clients/send-chunks.ts'
import { TaskFailedError } from '../clients/server-error.ts'
import type { Measured } from '../core/digest.ts'
import { CliError } from './cli-error.ts'
import { type ContentKind, kindOfImporter } from './content-kind.ts'
import { addJson, type Connect } from './options.ts'
import { ProgressDisplay } from './progress-display.ts'
import { runTasks } from './run-tasks.ts'
import type { Session } from './surroundings.ts'

const chunkBytes = 1024 * 1024

export function addUploadCommand(repo: Command, connect: Connect): void {
  const upload = repo
    .command('upload <id> <file...>')
    .description('put packages or files of this machine into a repository')
  addJson(upload).action((id: string, files: readonly string[], options: { readonly json?: boolean }) =>
    uploadAll(connect(), id, files, options),
  )
}

interface Outcome {
  readonly file: string
  /** Why it is not in the repository; null when it is. */
  readonly error: string | null
}

/** One file after the other. A bad one keeps none of the others away, but the command fails in the end. */
async function uploadAll(
  session: Session,
  id: string,
  files: readonly string[],
  options: { readonly json?: boolean },
): Promise<void> {
  for (const file of files) await requireFile(file)
  const kind = await kindOf(session, id)
  const outcomes: Outcome[] = []
  for (const file of files) {
    const error = await failureOf(uploadOne(session, id, kind, file))
    session.terminal.note(`${id}: ${file} ${error === null ? 'uploaded' : `failed: ${error}`}`)
    outcomes.push({ file, error })
  }
  if (options.json) session.terminal.print(JSON.stringify({ repository: id, files: outcomes }, null, 2))
  const failed = outcomes.filter(({ error }) => error !== null).length
  if (failed > 0) throw new CliError(`${failed} of ${files.length} files are not in ${id}`)
  session.terminal.note(`${id}: show clients what is new with deckle repo publish ${id}`)
}

async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new CliError(`${path} cannot be read`, 2)
  if (!found.isFile()) throw new CliError(`${path} is no file`, 2)
}

async function kindOf(session: Session, id: string): Promise<ContentKind> {
  const [importer] = (await session.client.repository(id)).importers
  const kind = importer === undefined ? undefined : kindOfImporter(importer.importer_type_id)
  if (kind !== undefined) return kind
  throw new CliError(`${id} has no importer that takes packages or files from here`)
}

/** What the server says of a file that it does not take; what concerns all files is thrown. */
async function failureOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work
    return null
  } catch (error) {
    if (error instanceof TaskFailedError && error.state === 'error') return error.message
    throw error
  }
}

async function uploadOne(session: Session, id: string, kind: ContentKind, path: string): Promise<TaskReport[]> {
  const { client } = session
  const { upload_id: upload } = await client.createUpload()
  try {
    const measured = await send(session, upload, path)
    return await runTasks(
      session,
      (await client.importUpload(id, upload, unitOf(kind, path, measured))).spawned_tasks,
      id,
    )
  } finally {
    // What cannot be deleted now is removed by the server some day.
    await client.deleteUpload(upload).catch(() => undefined)
  }
}

/** Shows progress; Ctrl-C ends it. */
async function send(session: Session, upload: string, path: string): Promise<Measured> {
  const display = new ProgressDisplay(session.terminal, basename(path))
  const interrupted = new AbortController()
  const release = session.onInterrupt(() => interrupted.abort(new CliError('cancelled', 130)))
  try {
    const total = (await stat(path)).size
    const chunks = createReadStream(path, { highWaterMark: chunkBytes })
    return await sendChunks(session.client, upload, chunks, {
      signal: interrupted.signal,
      watch: (done) => display.showView({ phase: 'uploading', bytes: { done, total } }),
    })
  } finally {
    release()
    display.end()
  }
}

/** Packages say themselves what they are; a plain file is what its name and bytes are. */
function unitOf(kind: ContentKind, path: string, { sha256, size }: Measured) {
  if (kind === 'files') return { type: 'iso', key: { name: basename(path), checksum: sha256, size } }
  return { type: /\.(src|nosrc)\.rpm$/.test(path) ? 'srpm' : 'rpm', key: {} }
}
