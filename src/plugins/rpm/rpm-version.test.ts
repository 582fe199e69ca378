import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareEvr, compareVersions } from './rpm-version.ts'
import { sortIndex } from './sort-index.ts'

/** Version, version, order: cases that rpm's own test suite publishes. */
const published = `
1.0 1.0 0, 1.0 2.0 -1, 2.0.1 2.0.1 0, 2.0 2.0.1 -1, 2.0.1a 2.0.1a 0, 2.0.1a 2.0.1 1, 5.5p1 5.5p1 0, 5.5p1 5.5p2 -1,
5.5p10 5.5p10 0, 5.5p1 5.5p10 -1, 10xyz 10.1xyz -1, xyz10 xyz10 0, xyz10 xyz10.1 -1, xyz.4 xyz.4 0, xyz.4 8 -1,
xyz.4 2 -1, 5.5p2 5.6p1 -1, 5.6p1 6.5p1 -1, 6.0.rc1 6.0 1, 10b2 10a1 1, 1.0aa 1.0aa 0, 1.0a 1.0aa -1,
10.0001 10.0001 0, 10.0001 10.1 0, 10.0001 10.0039 -1, 4.999.9 5.0 -1, 20101121 20101121 0, 20101121 20101122 -1,
2_0 2_0 0, 2.0 2_0 0, a a 0, a+ a+ 0, a+ a_ 0, +a +a 0, +a _a 0, +_ _+ 0, + _ 0,
1.0~rc1 1.0~rc1 0, 1.0~rc1 1.0 -1, 1.0~rc1 1.0~rc2 -1, 1.0~rc1~git123 1.0~rc1~git123 0, 1.0~rc1~git123 1.0~rc1 -1,
1.0^ 1.0^ 0, 1.0^ 1.0 1, 1.0^git1 1.0^git1 0, 1.0^git1 1.0 1, 1.0^git1 1.0^git2 -1, 1.0^git1 1.01 -1,
1.0^20160101 1.0^20160101 0, 1.0^20160101 1.0.1 -1, 1.0^20160101^git1 1.0^20160101^git1 0,
1.0^20160102 1.0^20160101^git1 1, 1.0~rc1^git1 1.0~rc1^git1 0, 1.0~rc1^git1 1.0~rc1 1, 1.0^git1~pre 1.0^git1~pre 0,
1.0^git1 1.0^git1~pre 1, 1b.fc17 1b.fc17 0, 1b.fc17 1.fc17 -1, 1g.fc17 1.fc17 1, 1.1.α 1.1.α 0, 1.1.α 1.1.β 0`

describe('the order of versions', () => {
  it('is that of rpm, in both directions', () => {
    const cases = published.split(',').map((line) => line.trim().split(' '))
    assert.ok(cases.length > 60)
    for (const [one = '', two = '', order] of cases) {
      assert.equal(Math.sign(compareVersions(one, two)), Number(order), `${one} ${two}`)
      assert.equal(Math.sign(compareVersions(two, one)), -Number(order) + 0, `${two} ${one}`)
    }
  })

  it('is the same seen from the other side, and transitive', () => {
    const version = fc.string({ unit: fc.constantFrom('0', '1', '9', 'a', 'b', '.', '~', '^', '-'), maxLength: 6 })
    fc.assert(
      fc.property(version, version, version, (one, two, three) => {
        assert.equal(Math.sign(compareVersions(one, two)), -Math.sign(compareVersions(two, one)) + 0)
        if (compareVersions(one, two) <= 0 && compareVersions(two, three) <= 0)
          assert.ok(compareVersions(one, three) <= 0)
      }),
    )
  })

  it('looks at the epoch first, then at the version, then at the release', () => {
    const evr = (epoch: string, version: string, release: string) => ({ epoch, version, release })
    assert.ok(compareEvr(evr('1', '1', '1'), evr('0', '9', '9')) > 0)
    assert.ok(compareEvr(evr('0', '1.10', '1'), evr('0', '1.9', '9')) > 0)
    assert.ok(compareEvr(evr('0', '1', '2'), evr('0', '1', '10')) < 0)
    assert.equal(compareEvr(evr('0', '1.0', '1'), evr('0', '1.0', '1')), 0)
  })
})

describe('the sort index of a version', () => {
  it('is as clients know it', () => {
    for (const [version, index] of Object.entries({
      '0.3': '01-0.01-3',
      '16': '02-16',
      '1.10b': '01-1.02-10.$b',
      '007': '01-7',
      '': '',
    })) {
      assert.equal(sortIndex(version), index)
    }
  })
})
