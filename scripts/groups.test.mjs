import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { wantsOwnProcess, withGroups } from './test/groups.mjs'

suite('the groups of test files', () => {
  const clock = 'src/tasks/progress-writer.test.ts'

  test('hold unit tests, but for those that ask for a process of their own, and no others', async () => {
    const units = ['src/core/errors.test.ts', 'src/core/json.test.ts']
    const others = ['e2e/harness.test.ts', 'scripts/groups.test.mjs', clock]
    await withGroups([...units, ...others], ([group, ...rest]) => {
      assert.deepEqual(rest, others)
      const text = readFileSync(group, 'utf8')
      for (const file of units) assert.ok(text.includes(`/${file}"`), text)
    })
  })

  test('have no file that stops the clock of the others without a word', () => {
    const text = readFileSync(clock, 'utf8')
    assert.equal(wantsOwnProcess('a', text), true)
    assert.equal(wantsOwnProcess('a', 'mock.method(clock)'), false)
    assert.throws(() => wantsOwnProcess('a', text.split('\n').slice(1).join('\n')), /^Error: a: for `mock.timers`/)
  })
})
