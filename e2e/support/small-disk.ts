import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { succeed } from './programs.ts'
import { newFolder, removeFolder } from './servers.ts'

const mebibyte = 1024 ** 2

/** Bit of the capability CAP_SYS_ADMIN (capabilities(7)). */
const mayMount = 1n << 21n

/** Options for a test that mounts: only root may, and in most containers not even root. Skipped as a missing client is. */
export function requireMounts(): { skip?: string } {
  const [, capabilities] = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  if ((BigInt(`0x${capabilities ?? '0'}`) & mayMount) !== 0n) return {}
  const reason = 'file systems can be mounted only by root, outside of most containers'
  if (process.env['DECKLE_REQUIRE_CLIENTS'] === '1') throw new Error(`DECKLE_REQUIRE_CLIENTS=1, but ${reason}`)
  return { skip: reason }
}

/** A file system of its own, in memory. */
export class SmallDisk {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async make(mebibytes: number): Promise<SmallDisk> {
    const folder = await newFolder()
    await succeed('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0755`, 'tmpfs', folder])
    return new SmallDisk(folder)
  }

  /** Takes so much of it until the result is called. */
  async fill(mebibytes: number): Promise<() => Promise<void>> {
    const path = join(this.folder, `ballast-${mebibytes}`)
    await writeFile(path, Buffer.alloc(mebibytes * mebibyte))
    return () => rm(path)
  }

  async remove(): Promise<void> {
    await succeed('umount', ['--lazy', this.folder])
    await removeFolder(this.folder)
  }
}
