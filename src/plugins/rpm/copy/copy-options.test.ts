import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseYumImporterConfig } from '../yum-importer-config.ts'
import { yumCopier } from './yum-copier.ts'

describe('the options of a copy', () => {
  it('ask for more when one of the two is set', () => {
    assert.equal(yumCopier.options({}), undefined)
    assert.equal(yumCopier.options({ recursive: false, recursive_conservative: null, additional_repos: {} }), undefined)
    const additional = new Map<string, string>()
    assert.deepEqual(yumCopier.options({ recursive: 'true' }), { conservative: false, additional })
    assert.deepEqual(yumCopier.options({ recursive_conservative: true }), { conservative: true, additional })
  })

  it('name further sources with their targets, in order of the sources', () => {
    const options = yumCopier.options({ recursive: true, additional_repos: { b: 'x', a: 'y' } })
    assert.ok(options !== undefined)
    const { field, targets } = yumCopier.additional?.(options) ?? {}
    assert.equal(field, 'additional_repos')
    assert.deepEqual(
      [...(targets ?? [])],
      [
        ['a', 'y'],
        ['b', 'x'],
      ],
    )
  })

  it('are refused when they are no flags, or no repositories', () => {
    const refused = (...fields: string[]) => ({ kind: 'invalid', details: { fields, fault: 'invalid' } })
    assert.throws(() => yumCopier.options({ recursive: 'maybe' }), refused('recursive'))
    for (const wrong of [{ a: 1 }, ['a'], 'a', true])
      assert.throws(() => yumCopier.options({ additional_repos: wrong }), refused('additional_repos'))
    const both = { recursive: 1, additional_repos: { a: null } }
    assert.throws(() => parseYumImporterConfig(both), refused('recursive', 'additional_repos'))
  })
})
