import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ManifestError, parseManifest, printManifestLine } from './file-manifest.ts'

const sum = 'a'.repeat(64)

describe('a manifest', () => {
  it('is read with LF and CR LF, and without a line end at its end', () => {
    const expected = [
      { name: 'one.iso', checksum: sum, size: 3 },
      { name: 'sub dir/two.iso', checksum: sum, size: 0 },
    ]
    assert.deepEqual(parseManifest(`one.iso,${sum},3\nsub dir/two.iso,${sum},0`), expected)
    assert.deepEqual(parseManifest(`one.iso,${sum.toUpperCase()},3\r\n\r\nsub dir/two.iso, ${sum}, 0\r\n`), expected)
  })

  it('may be empty', () => {
    assert.deepEqual(parseManifest(''), [])
  })

  it('may name files with commas, quoted or not', () => {
    const names = parseManifest(`a,b.iso,${sum},1\n"c,""d"".iso",${sum},1\n`).map(({ name }) => name)
    assert.deepEqual(names, ['a,b.iso', 'c,"d".iso'])
  })

  it('counts equal lines once and refuses a name with two contents', () => {
    assert.equal(parseManifest(`a,${sum},1\na,${sum},1\n`).length, 1)
    assert.throws(() => parseManifest(`a,${sum},1\na,${sum},2\n`), /line 2 .* names a again/)
  })

  it('is refused with the number of the line that is no entry', () => {
    for (const line of [
      'a',
      `a,${sum}`,
      `a,${sum},-1`,
      `a,${sum},1.5`,
      'a,abc,1',
      `a,${sum.slice(1)}g,1`,
      `${sum},1`,
    ]) {
      assert.throws(
        () => parseManifest(`ok,${sum},1\n${line}\n`),
        (error) => error instanceof ManifestError && /line 2/.test(error.message),
        line,
      )
    }
  })

  it('is refused when a name leads out of the folder', () => {
    for (const name of ['', '/etc/passwd', '../x', 'a/../b', 'a//b', './a', 'a/', 'a\\b', 'a\u0000', 'PULP_MANIFEST']) {
      assert.throws(() => parseManifest(`${name},${sum},1\n`), ManifestError, JSON.stringify(name))
    }
  })

  it('reads back what it writes', () => {
    const part = fc
      .string({ unit: 'grapheme', minLength: 1 })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: names cannot hold these
      .map((text) => text.replace(/[\u0000-\u001f\u007f\\/\ufeff]/g, '_'))
      .filter((text) => text !== '.' && text !== '..')
    const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
    const checksum = fc.stringMatching(/^[0-9a-f]{64}$/)
    const entry = fc.record({ name, checksum, size: fc.nat() }, { noNullPrototype: true })
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: (item) => item.name }), (entries) => {
        assert.deepEqual(parseManifest(entries.map(printManifestLine).join('')), entries)
      }),
    )
  })
})
