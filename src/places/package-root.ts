import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of this program: the clone, or where the package is installed. Found from the source and from the bundle alike. */
export function packageRoot(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) throw new Error('the package.json of Deckle is missing')
  }
}

/** The small upstream that the project ships. */
export function sampleFolder(): string {
  return join(packageRoot(), 'sample', 'repository')
}
