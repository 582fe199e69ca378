import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { drawLifeCycle } from './life-cycle-drawing.ts'

it('the drawing of the life cycle in the documentation is that of the state machine', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'life-cycle.md'), 'utf8')
  const drawn = /```mermaid\n([\s\S]*?)\n```/.exec(page)?.[1]
  assert.equal(drawn, drawLifeCycle(), `put this into docs/life-cycle.md:\n${drawLifeCycle()}`)
})
