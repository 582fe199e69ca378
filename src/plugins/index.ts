import type { Plugin } from '../core/plugin.ts'
import { files } from './files/index.ts'
import { rpm } from './rpm/index.ts'

/** The content families of this server. */
export const plugins: readonly Plugin[] = [files, rpm]
