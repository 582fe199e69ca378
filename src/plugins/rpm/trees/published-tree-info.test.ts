import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseIni } from '../../../formats/ini.ts'
import { publishedTreeInfo } from './published-tree-info.ts'

const sum = 'ab'.repeat(32)
const published = (text: string, hasFlatPackages = true) =>
  publishedTreeInfo(Buffer.from(text), {
    digests: new Map([
      ['A/repodata/repomd.xml', sum],
      ['B/repodata/repomd.xml', null],
    ]),
    hasFlatPackages,
  }).toString()

describe('a published treeinfo', () => {
  it('has no checksums of metadata but those of repositories below it that are mirrored', () => {
    const kept = `[checksums]\r\nimages/x = sha256:${sum}\r\nA/repodata/repomd.xml = sha256:${sum.toUpperCase()}\r\n`
    const wrong = sum.replaceAll('a', 'c')
    const gone = `repodata/repomd.xml = sha256:${sum}\r\n  going on\r\nB/repodata/repomd.xml = sha256:${sum}\r\n`
    const others = `A/repodata/x = sha256:${sum}\r\n`
    assert.equal(published(`${kept}${gone}${others}; comment\r\n[a]\r\nb = c`), `${kept}; comment\r\n[a]\r\nb = c`)
    assert.equal(published(`[checksums]\nA/repodata/repomd.xml = sha256:${wrong}\n`), '[checksums]\n')
  })

  it('names the folder of packages that the publication has', () => {
    const tree = (own: string, flat: string) =>
      `[general]\npackagedir = ${own}\n[variant-A]\nrepository = .\npackages = ${own}\n` +
      `[addon-B]\npackages: ${flat}\n[variant-C]\nrepository = C\npackages = C/RPMS\n[variant-D]\npackages = ../D\n`
    const expected = tree('Packages', 'Packages')
    assert.equal(published(tree('RPMS', 'a/b/../')), expected)
    assert.equal(published(tree('./', '')).replaceAll(' \n', '\n'), tree('./', '').replaceAll(' \n', '\n'))
    assert.equal(published(tree('./', ''), false), expected)
  })

  it('is byte for byte what upstream has where nothing is wrong', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/)
    const line = fc.oneof(
      fc.tuple(word, word).map(([key, value]) => `${key} = ${value}`),
      fc.constantFrom('; a comment', '', 'packagedir = Packages', 'packages=Packages/', '[variant-A]', '[checksums]'),
    )
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const text = ['[general]', ...lines].join(end)
        assert.equal(published(text), text)
      }),
    )
  })

  it('can be read again, whatever it was', () => {
    const line = fc.constantFrom(
      '[general]',
      '[checksums]',
      '[variant-A]',
      ' b',
      'packagedir',
      'packagedir = x',
      'repodata/a: b',
      '#c',
    )
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = ['[general]', ...lines.filter((one) => one !== 'packagedir')].join('\n')
        try {
          parseIni(text)
        } catch {
          return
        }
        parseIni(published(text))
      }),
    )
  })
})
