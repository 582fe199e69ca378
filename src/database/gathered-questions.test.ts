import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventually } from '../testing/eventually.ts'
import { GatheredQuestions } from './gathered-questions.ts'

describe('GatheredQuestions', () => {
  it('puts what is asked in one turn together, and gives everybody his own answer', async () => {
    const { put, questions } = doubler()
    questions.open()
    assert.deepEqual(await Promise.all([1, 2, 3].map((number) => questions.ask(number))), [2, 4, 6])
    assert.deepEqual(put, [[1, 2, 3]])
  })

  it('gathers what comes while two statements are under way', async () => {
    const { put, questions } = doubler()
    const asked = [questions.ask(1)]
    await eventually(() => put.length === 1)
    asked.push(questions.ask(2))
    await eventually(() => put.length === 2)
    asked.push(questions.ask(3))
    await new Promise(setImmediate)
    asked.push(questions.ask(4))
    assert.deepEqual(put, [[1], [2]])
    questions.open()
    assert.deepEqual(await Promise.all(asked), [2, 4, 6, 8])
    assert.deepEqual(put, [[1], [2], [3, 4]])
  })

  it('puts many questions in several statements', async () => {
    const { put, questions } = doubler()
    questions.open()
    const numbers = Array.from({ length: 200 }, (_, index) => index)
    const answers = await Promise.all(numbers.map((number) => questions.ask(number)))
    assert.deepEqual(
      answers,
      numbers.map((number) => number * 2),
    )
    assert.ok(put.every((batch) => batch.length <= 64))
  })

  it('tells a fault to those who have asked, and goes on', async () => {
    let isAway = true
    const questions = new GatheredQuestions(async (batch: readonly number[]) => {
      if (isAway) throw new Error('the database is away')
      return batch
    })
    const asked = [questions.ask(1), questions.ask(2)]
    for (const answer of asked) await assert.rejects(answer, /away/)
    isAway = false
    assert.equal(await questions.ask(3), 3)
  })
})

/** Answers with the double, once it is open, and notes what was put together. */
function doubler() {
  const put: (readonly number[])[] = []
  const gate = Promise.withResolvers<void>()
  const questions = new GatheredQuestions(async (batch: readonly number[]) => {
    put.push(batch)
    await gate.promise
    return batch.map((number) => number * 2)
  })
  return { put, questions: { ask: (number: number) => questions.ask(number), open: gate.resolve } }
}
