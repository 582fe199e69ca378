import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sha256Hex } from '../../core/digest.ts'
import type { PublishedFile } from '../../core/publication.ts'
import { fileHeaders } from './file-headers.ts'

const sha256 = sha256Hex('x')
const file = (change: Partial<PublishedFile> = {}): PublishedFile => ({
  ...{ size: 1, sha256, mediaType: null, rope: [], lastModified: new Date('2026-03-04T05:06:07.890Z') },
  ...change,
})
const header = (name: string, of: PublishedFile, path: string) => {
  const { whole } = fileHeaders(of, path)
  return whole[whole.indexOf(name) + 1]
}
const policy = (path: string, of = file()) => header('Cache-Control', of, path)

describe('fileHeaders', () => {
  it('lets caches keep for ever what is named by its own digest, and nothing else', () => {
    const forever = 'public, max-age=31536000, immutable'
    assert.equal(policy(`/pulp/repos/zoo/repodata/${sha256}-primary.xml.gz`), forever)
    assert.equal(policy(`/pulp/repos/zoo/repodata/${sha256Hex('other')}-primary.xml.gz`), 'no-cache')
    assert.equal(policy(`/pulp/repos/${sha256}/repomd.xml`), 'no-cache')
    assert.equal(policy('/pulp/repos/zoo/repodata/repomd.xml', file({ mediaType: 'text/xml' })), 'no-cache')
  })

  it('believes a distributor that names its files by other digests', () => {
    const generated = file({ mediaType: 'application/gzip' })
    const sha1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'
    assert.match(policy(`/pulp/repos/zoo/repodata/${sha1}-other.xml.gz`, generated) ?? '', /immutable/)
    assert.equal(policy(`/pulp/repos/zoo/repodata/${sha1}0-other.xml.gz`, generated), 'no-cache')
    assert.equal(policy(`/pulp/repos/zoo/${sha1}.rpm`), 'no-cache')
  })

  it('takes the type that was given, else that of the name, else bytes', () => {
    assert.equal(header('Content-Type', file({ mediaType: 'text/xml' }), '/x.gz'), 'text/xml')
    assert.equal(header('Content-Type', file(), '/pulp/a.RPM'), 'application/x-rpm')
    assert.equal(header('Content-Type', file(), '/pulp/PULP_MANIFEST'), 'application/octet-stream')
    assert.equal(header('Content-Type', file(), '/pulp/.html'), 'application/octet-stream')
  })

  it('puts what a browser could run into a sandbox', () => {
    for (const path of ['/x.html', '/x.svg', '/x.xml']) {
      assert.equal(header('Content-Security-Policy', file(), path), 'sandbox allow-downloads', path)
    }
    assert.ok(!fileHeaders(file(), '/x.rpm').whole.includes('Content-Security-Policy'))
  })

  it('never dates a file later than the answer', () => {
    const { lastModified } = fileHeaders(file({ lastModified: new Date(Date.now() + 3_600_000) }), '/x')
    assert.ok(Date.parse(lastModified) <= Date.now())
    assert.equal(fileHeaders(file(), '/x').lastModified, 'Wed, 04 Mar 2026 05:06:07 GMT')
  })
})
