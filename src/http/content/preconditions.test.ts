import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, it } from 'node:test'
import { checkPreconditions, rangeApplies } from './preconditions.ts'

const validators = { etag: '"abc"', lastModified: 'Wed, 04 Mar 2026 05:06:07 GMT' }
const before = 'Wed, 04 Mar 2026 05:06:06 GMT'
const after = 'Wed, 04 Mar 2026 05:06:08 GMT'
const check = (headers: IncomingHttpHeaders) => checkPreconditions(headers, validators)

describe('checkPreconditions', () => {
  it('compares If-None-Match weakly, with each of a list', () => {
    for (const tags of ['"abc"', 'W/"abc"', '"x", "abc"', '"x",W/"abc"', ' * ', '"a,b","abc"']) {
      assert.equal(check({ 'if-none-match': tags }), 'not-modified', tags)
    }
    for (const tags of ['"ab"', 'abc', '', '"x,abc"']) assert.equal(check({ 'if-none-match': tags }), 'proceed', tags)
  })

  it('takes a copy as current that is as new as the file or newer', () => {
    assert.equal(check({ 'if-modified-since': validators.lastModified }), 'not-modified')
    assert.equal(check({ 'if-modified-since': after }), 'not-modified')
    assert.equal(check({ 'if-modified-since': before }), 'proceed')
  })

  it('ignores dates that are none', () => {
    for (const date of ['yesterday', '', '2030', 'x GMT']) assert.equal(check({ 'if-modified-since': date }), 'proceed')
  })

  it('lets the tag decide where both are given', () => {
    assert.equal(check({ 'if-none-match': '"x"', 'if-modified-since': after }), 'proceed')
    assert.equal(check({ 'if-none-match': '"abc"', 'if-modified-since': before }), 'not-modified')
  })

  it('compares If-Match strongly, and falls back to If-Unmodified-Since', () => {
    assert.equal(check({ 'if-match': '"x", "abc"' }), 'proceed')
    assert.equal(check({ 'if-match': '*' }), 'proceed')
    assert.equal(check({ 'if-match': 'W/"abc"' }), 'failed')
    assert.equal(check({ 'if-match': '"abc"', 'if-unmodified-since': before }), 'proceed')
    assert.equal(check({ 'if-unmodified-since': before }), 'failed')
    assert.equal(check({ 'if-unmodified-since': validators.lastModified }), 'proceed')
  })
})

describe('rangeApplies', () => {
  it('wants exactly this file, by tag or by date', () => {
    assert.ok(rangeApplies({}, validators))
    assert.ok(rangeApplies({ 'if-range': '"abc"' }, validators))
    assert.ok(rangeApplies({ 'if-range': validators.lastModified }, validators))
    for (const condition of ['W/"abc"', '"x"', before, after]) {
      assert.ok(!rangeApplies({ 'if-range': condition }, validators), condition)
    }
  })
})
