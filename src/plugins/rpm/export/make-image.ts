import { spawn } from 'node:child_process'
import { DeckleError } from '../../../core/errors.ts'
import { fullDisk } from '../full-disk.ts'

/** What is kept of what the program says, in characters. */
const keptWords = 2000

/** How the program says that the disk is full. */
const fullWords = /exceeds free space|no space left/i

export interface ImagePlan {
  /** The folder that the image is to hold, and the file that it is to be. */
  readonly tree: string
  readonly image: string
  /** Shown by systems that mount it. */
  readonly volume: string
  readonly signal: AbortSignal
  /** Default `xorriso`. */
  readonly program?: string
}

/**
 * Makes an ISO 9660 image with Rock Ridge names, and no others: Joliet has no room for the names of metadata. Throws kind `conflict` when
 * the program is missing.
 */
export async function makeImage({ tree, image, volume, signal, program = 'xorriso' }: ImagePlan): Promise<void> {
  const names = ['-rational-rock', '-disable-deep-relocation']
  const form = ['-iso-level', '3', '-no-pad', '-volid', volumeOf(volume)]
  await run(program, ['-no_rc', '-as', 'mkisofs', '-quiet', ...names, ...form, '-output', image, tree], signal)
}

/** 32 letters, digits and underscores (ECMA-119 §8.4.8). */
function volumeOf(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .slice(0, 32)
}

function run(program: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = spawn(program, args, { signal, stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words = `${words}${chunk}`.slice(-keptWords)
  })
  child.on('error', (error) => reject('code' in error && error.code === 'ENOENT' ? missing(program) : error))
  child.on('close', (code) => {
    if (code === 0) resolve()
    else if (fullWords.test(words)) reject(fullDisk(words.trim()))
    else reject(new DeckleError('internal', `${program} could not make an image (${code}): ${words.trim()}`))
  })
  return promise
}

function missing(program: string): DeckleError {
  const remedy = 'install the package xorriso on the machine of the server, or set export_dir for a folder instead'
  return new DeckleError('conflict', `ISO images are made by the program ${program}, which is not there: ${remedy}`)
}
