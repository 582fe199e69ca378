import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the clone or of the installed package; links are resolved, so npm's `.bin` leads here too. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** A clone has sources and can install and build; an installed package is complete. */
export const isClone = existsSync(join(root, 'src'))

export const bundle = join(root, 'dist', 'deckle.js')

/** @param {string[]} parts */
export function inRoot(...parts) {
  return join(root, ...parts)
}
