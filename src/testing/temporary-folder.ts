import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

/** A new empty folder, removed when the suite or test that asked for it ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
  // The user under whom root runs the embedded PostgreSQL must come through, or its files would lie elsewhere and stay.
  await chmod(folder, 0o711)
  after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
