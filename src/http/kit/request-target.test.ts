import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { collapseSlashes } from './request-target.ts'

describe('A request target', () => {
  it('has its doubled slashes collapsed, but not those of the query', () => {
    assert.equal(collapseSlashes('/a//b///c/?x=//y'), '/a/b/c/?x=//y')
    assert.equal(collapseSlashes('//host/path'), '/host/path')
    assert.equal(collapseSlashes('/a/?'), '/a/?')
  })
})
