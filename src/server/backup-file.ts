import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable, Writable } from 'node:stream'
import type { ArchiveEntry } from '../core/backup.ts'
import { DeckleError } from '../core/errors.ts'
import { TarReader } from '../formats/tar-reader.ts'
import { TarWriter } from '../formats/tar-writer.ts'

/** Stands for standard output and standard input. */
const standard = '-'

/** The head, the body (one block) and the two blocks of zeros that end an archive; the last entry is as short as that. */
const tailBytes = 4 * 512

export interface BackupOutput {
  readonly archive: TarWriter
  /** Makes the file durable under its name. */
  keep(): Promise<void>
  /** Without `keep` nothing stays. */
  close(): Promise<void>
}

/** Secrets are inside: only the owner may read it. An existing file is left alone: it may be the last good backup. */
export async function openBackupOutput(path: string, time: Date): Promise<BackupOutput> {
  if (path === standard) return standardOutput(time)
  if (await exists(path)) throw new DeckleError('conflict', `${path} exists; choose another name or remove it`)
  const partial = `${path}.partial`
  const file = await open(partial, 'w', 0o600)
  // A file that an earlier try has left may have another mode.
  await file.chmod(0o600)
  const output = file.createWriteStream({ autoClose: false })
  const archive = new TarWriter(output, time)
  return {
    archive,
    async keep() {
      await archive.finish()
      await file.sync()
      await rename(partial, path)
      await syncFolder(dirname(path))
    },
    async close() {
      // The file waits for its stream to let go of it.
      output.destroy()
      await file.close()
      await rm(partial, { force: true })
    },
  }
}

function standardOutput(time: Date): BackupOutput {
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => void process.stdout.write(chunk, done),
  })
  const archive = new TarWriter(output, time)
  return { archive, keep: () => archive.finish(), close: async () => undefined }
}

export interface BackupInput {
  readonly archive: TarReader
  /** The last entry of a file; undefined for a stream, whose end is not known before it comes. */
  readonly end: ArchiveEntry | undefined
  close(): Promise<void>
}

/** Throws kind `invalid` for a file that has no end: it was cut off. */
export async function openBackupInput(path: string, endName: string): Promise<BackupInput> {
  if (path === standard) {
    return { archive: new TarReader(process.stdin), end: undefined, close: async () => void process.stdin.destroy() }
  }
  const file = await open(path, 'r')
  try {
    const end = await readTail(file, endName)
    if (end === undefined) throw cutOff(path)
    const input = file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1024 * 1024 })
    return { archive: new TarReader(input), end, close: () => closeBoth(input, file) }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function closeBoth(input: Readable, file: FileHandle): Promise<void> {
  input.destroy()
  await file.close()
}

async function readTail(file: FileHandle, endName: string): Promise<ArchiveEntry | undefined> {
  const { size } = await file.stat()
  if (size < tailBytes) return undefined
  const { buffer } = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, size - tailBytes)
  try {
    const entry = await new TarReader(Readable.from([buffer])).next()
    return entry?.name === endName ? entry : undefined
  } catch {
    return undefined
  }
}

function cutOff(path: string): DeckleError {
  return new DeckleError('invalid', `${path} is no whole backup of Deckle: its end is missing. Nothing was changed`)
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync()
  await folder.close()
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
