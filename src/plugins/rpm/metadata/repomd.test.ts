import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FormatError } from '../../../formats/format-error.ts'
import { parseRepomd, printRepomd, type RepomdRecord } from './repomd.ts'

const parse = (text: string) => parseRepomd(Buffer.from(text))

describe('repomd.xml', () => {
  it('is read with everything that it says of a file', () => {
    const repomd =
      parse(`<?xml version="1.0"?><repomd xmlns="http://linux.duke.edu/metadata/repo"><revision> 17 </revision>
      <data type='primary_db'><checksum type="sha">AB</checksum><open-checksum type="sha512">cd</open-checksum>
      <location xml:base="http://other.test/" href="repodata/x.sqlite.bz2"/><timestamp>1700000000.55</timestamp><size>12</size>
      <open-size>34</open-size><database_version>10</database_version></data></repomd>`)
    assert.deepEqual(repomd, {
      revision: '17',
      records: [
        {
          type: 'primary_db',
          href: 'repodata/x.sqlite.bz2',
          base: 'http://other.test/',
          checksum: { algorithm: 'sha1', value: 'ab' },
          openChecksum: { algorithm: 'sha512', value: 'cd' },
          timestamp: 1700000000,
          size: 12,
          openSize: 34,
          databaseVersion: 10,
        },
      ],
    })
  })

  it('needs neither a revision nor more than a location for a file', () => {
    const repomd = parse(
      '<repomd><data type="primary"><location href="p.xml"/><checksum type="crc">1</checksum></data><data type="x"/></repomd>',
    )
    assert.deepEqual(repomd, { records: [{ type: 'primary', href: 'p.xml' }] })
  })

  it('keeps what it says of the repository', () => {
    const tags = `<tags><content> a </content><distro>No id</distro><content>b</content><repo>r</repo><other/>
      <distro cpeid="cpe:/o:x">X</distro></tags>`
    assert.deepEqual(parse(`<repomd>${tags}</repomd>`), {
      tags: { content: ['a', 'b'], repo: ['r'], distro: [{ name: 'No id' }, { cpeid: 'cpe:/o:x', name: 'X' }] },
      records: [],
    })
    assert.deepEqual(parse('<repomd><tags><other/></tags></repomd>'), { records: [] })
    for (const bad of ['<repo>r</repo>'.repeat(101), `<content>${'x'.repeat(501)}</content>`])
      assert.throws(() => parse(`<repomd><tags>${bad}</tags></repomd>`), FormatError)
  })

  it('is refused when it is something else', () => {
    for (const text of ['', 'not found', '<html><body/></html>', '<repomd><data></repomd>'])
      assert.throws(() => parse(text), FormatError, text)
  })

  it('reads back what it writes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '<', '&', '"', "'", 'ß', ' b', '/'), minLength: 1 })
    const digest = fc.record(
      { algorithm: fc.constantFrom('md5', 'sha1', 'sha256', 'sha512'), value: fc.stringMatching(/^[0-9a-f]{8}$/) },
      { noNullPrototype: true },
    )
    const record: fc.Arbitrary<RepomdRecord> = fc.record(
      {
        type: text,
        href: text,
        base: text,
        checksum: digest,
        openChecksum: digest,
        size: fc.nat(),
        openSize: fc.nat(),
        timestamp: fc.nat(),
        databaseVersion: fc.nat(),
      },
      { noNullPrototype: true, requiredKeys: ['type', 'href'] },
    )
    const tag = text.map((one) => one.trim())
    const distro = fc.record({ cpeid: text, name: tag }, { noNullPrototype: true, requiredKeys: ['name'] })
    const some = fc.array(tag, { maxLength: 5 })
    // One at least.
    const first = fc.record({ content: some, repo: some, distro: fc.array(distro, { minLength: 1 }) })
    fc.assert(
      fc.property(fc.array(record), fc.nat(), fc.option(first), (records, revision, tags) => {
        const repomd = { revision: String(revision), ...(tags !== null && { tags: { ...tags } }), records }
        assert.deepEqual(parse(printRepomd(repomd)), repomd)
      }),
    )
  })
})
