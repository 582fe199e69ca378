import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { effectiveRelativeUrl, relativeUrlFault, requireDistinctUrl } from './relative-url.ts'

describe('a relative URL', () => {
  it('is refused when it leaves its place', () => {
    for (const url of ['/a', '../a', 'a/../b', 'a/.', 'a\\b', 'a\u0000']) assert.ok(relativeUrlFault(url), url)
    for (const url of ['a', 'a/b/', 'a..b', '.a', '']) assert.equal(relativeUrlFault(url), undefined, url)
  })

  it('falls back to the repository id', () => {
    assert.equal(effectiveRelativeUrl(undefined, 'zoo'), 'zoo')
    assert.equal(effectiveRelativeUrl('', 'zoo'), 'zoo')
    assert.equal(effectiveRelativeUrl('a//b/', 'zoo'), 'a/b')
  })

  it('conflicts with an equal, a higher and a deeper one, part by part', () => {
    const others = [
      { repositoryId: 'r1', id: 'd', config: { relative_url: 'os/7/' } },
      { repositoryId: 'plain', id: 'd', config: { relative_url: null } },
    ]
    for (const url of ['os', 'os/7', 'os/7/x86_64', 'plain', 'plain/deeper']) {
      assert.throws(() => requireDistinctUrl(url, others), /conflicts with/, url)
    }
    for (const url of ['os/8', 'os-7', 'plainer', 'r1']) requireDistinctUrl(url, others)
  })
})
