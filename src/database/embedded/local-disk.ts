import { statfs } from 'node:fs/promises'
import { DeckleError } from '../../core/errors.ts'

/** `f_type` of file systems whose locks and flushes a database cannot trust (statfs(2)). */
const networks: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  12805120: 'Ceph',
}

/** Throws kind `invalid` for a folder on a network (design-notes §5). */
export async function requireLocalDisk(folder: string): Promise<void> {
  const { type } = await statfs(folder)
  const name = networks[type >>> 0]
  if (name === undefined) return
  const remedy = 'Choose a DECKLE_DATA_DIR on a local disk, or use a PostgreSQL server by DECKLE_DATABASE_URL'
  throw new DeckleError(
    'invalid',
    `${folder} lies on ${name}, where the embedded PostgreSQL could lose data. ${remedy}`,
  )
}
