import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { clients } from './clients.ts'

it('every program that tests talk to is installed by .ci/run', () => {
  const script = readFileSync(new URL('../../.ci/run', import.meta.url), 'utf8')
  const named = new Set(script.split(/\s+/))
  assert.deepEqual(
    Object.values(clients).filter((name) => !named.has(name)),
    [],
  )
})
