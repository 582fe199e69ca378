import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseIni } from './ini.ts'

const read = (text: string) =>
  Object.fromEntries([...parseIni(text)].map(([name, entries]) => [name, Object.fromEntries(entries)]))

describe('parseIni', () => {
  it('reads sections, keys in any case, both separators, comments and values over several lines', () => {
    const text = `\ufeff# sources
[near]
enabled: 1
Base_URL = http://example.com/a=b:c
; nothing
paths:
  one/ two/
\tthree/

[far away]
enabled=0\r
enabled=1
`
    assert.deepEqual(read(text), {
      near: { enabled: '1', base_url: 'http://example.com/a=b:c', paths: '\none/ two/\nthree/' },
      'far away': { enabled: '1' },
    })
  })

  it('spells keys as it is told', () => {
    const [entries] = parseIni('[checksums]\nEFI/BOOT = x', (key) => key).values()
    assert.deepEqual([...(entries ?? [])], [['EFI/BOOT', 'x']])
  })

  it('names the line that it cannot read', () => {
    for (const [text, line] of [
      ['enabled: 1', 1],
      ['[a]\nwhat', 2],
      ['[a]\n\n: x', 3],
      ['[a]\n x', 2],
    ] as const) {
      assert.throws(() => parseIni(text), { name: 'FormatError', message: new RegExp(`^line ${line} `) }, text)
    }
  })

  it('reads back what is written', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,9}$/)
    const value = fc.stringMatching(/^([!-~]([ -~]{0,20}[!-~])?)?$/)
    const sections = fc.dictionary(name, fc.dictionary(name, value))
    fc.assert(
      fc.property(sections, fc.constantFrom('=', ':', ' = ', ': '), (written, separator) => {
        const lines = Object.entries(written).flatMap(([title, entries]) => [
          `[${title}]`,
          ...Object.entries(entries).map(([key, text]) => `${key}${separator}${text}`),
        ])
        assert.deepEqual(read(lines.join('\n')), JSON.parse(JSON.stringify(written)))
      }),
    )
  })

  it('throws nothing but its own error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseIni(text)
        } catch (error) {
          assert.equal(error instanceof Error && error.name, 'FormatError')
        }
      }),
    )
  })
})
