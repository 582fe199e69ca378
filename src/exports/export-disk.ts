import * as node from 'node:fs/promises'
import { durability } from '../blobs/durability.ts'

/** What changes a disk. Injectable so that tests can let a process die at each step. */
export type ExportDisk = Pick<typeof node, 'mkdir' | 'open' | 'rename' | 'rm' | 'rmdir' | 'unlink'> & {
  flushFile(path: string): Promise<void>
  flushFolder(path: string): Promise<void>
}

export const exportDisk: ExportDisk = {
  mkdir: node.mkdir,
  open: node.open,
  rename: node.rename,
  rm: node.rm,
  rmdir: node.rmdir,
  unlink: node.unlink,
  flushFile: durability.file,
  flushFolder: durability.folder,
}
