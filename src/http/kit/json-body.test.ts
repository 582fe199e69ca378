import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DeckleError } from '../../core/errors.ts'
import { parseJsonBody } from './json-body.ts'

function parse(text: string, rule: 'object' | 'optional' = 'object') {
  return parseJsonBody(Buffer.from(text), rule)
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action()
  } catch (error) {
    if (error instanceof DeckleError) return error.details.code
    throw error
  }
  return 'nothing thrown'
}

describe('A JSON body', () => {
  it('is an object', () => {
    assert.deepEqual(parse('{"a": [1, null]}'), { a: [1, null] })
    for (const text of ['[]', 'null', '1', '"a"'])
      assert.equal(
        codeOf(() => parse(text)),
        'body-not-object',
      )
  })

  it('may be empty only where the route says so', () => {
    assert.deepEqual(parse(' \n', 'optional'), {})
    assert.equal(
      codeOf(() => parse('')),
      'body-not-json',
    )
  })

  it('is refused when a database could not hold it', () => {
    for (const text of [
      '{"a": 1e999}',
      '{"a": "\\u0000"}',
      '{"a": "\\ud800"}',
      '{"\\u0000": 1}',
      '{"__proto__": {}}',
    ]) {
      assert.equal(
        codeOf(() => parse(text)),
        'body-not-json',
      )
    }
  })

  it('is refused when it nests too deeply, however deep', () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
    assert.ok(parse(nested(63)))
    assert.equal(
      codeOf(() => parse(nested(64))),
      'body-not-json',
    )
    assert.equal(
      codeOf(() => parse(nested(200_000))),
      'body-not-json',
    )
  })

  it('is refused when it is not UTF-8', () => {
    assert.equal(
      codeOf(() => parseJsonBody(Buffer.from([0x7b, 0xff, 0x7d]), 'object')),
      'body-not-utf8',
    )
  })

  it('is never quoted by the error', () => {
    assert.throws(
      () => parse('{"password": hunter2}'),
      (error: Error) => error.message === 'The request body is not valid JSON' && error.cause === undefined,
    )
  })

  it('comes back as it was printed', () => {
    const value = fc.dictionary(
      fc.string().filter((key) => key !== '__proto__' && !key.includes('\0')),
      fc.integer(),
    )
    fc.assert(fc.property(value, (object) => assert.deepEqual(parse(JSON.stringify(object)), { ...object })))
  })
})
