import type { Plugin } from '../core/plugin.ts'
import { demo } from './demo/index.ts'
import { files } from './files/index.ts'
import { harness } from './harness/index.ts'
import { rpm } from './rpm/index.ts'

/** The content families of this server. */
export const plugins: readonly Plugin[] = [files, rpm, harness, demo]
