import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

export interface Bundle {
  readonly body: Buffer
  readonly sha256: string
}

/** The agent as one file; undefined where it was not built. */
export async function readBundle(path: string): Promise<Bundle | undefined> {
  try {
    const body = await readFile(path)
    return { body, sha256: createHash('sha256').update(body).digest('hex') }
  } catch {
    return undefined
  }
}
