// Writes docs/pulp2-compatibility.md from the table of the contract test. Run it after a change of a row.
import { writeFileSync } from 'node:fs'
import { printCompatibility } from '../e2e/support/contract/print-compatibility.ts'
import { inRoot } from './bootstrap/places.mjs'

writeFileSync(inRoot('docs/pulp2-compatibility.md'), printCompatibility())
