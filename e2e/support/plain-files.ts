import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256 } from './published.ts'

/** Writes files and the manifest that lists them, in the form of Pulp (pulp2-types §7). */
export async function writePlainFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  await writeFile(join(folder, 'PULP_MANIFEST'), Object.entries(files).map(manifestLine).join(''))
}

export function manifestLine([name, text]: readonly [name: string, text: string]): string {
  return `${name},${sha256(Buffer.from(text))},${Buffer.byteLength(text)}\n`
}
