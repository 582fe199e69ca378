import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { anRpm, snippetWriters } from '../../testing/repodata.ts'
import { derivedFields } from './derived-fields.ts'

const rpm = anRpm({ files: ['/usr/bin/bear & co', '/größe'], changelog: ['- one <x>', '- two'] })
const documents = {
  primary: Buffer.from(snippetWriters.primary(rpm)),
  filelists: Buffer.from(snippetWriters.filelists(rpm)),
  other: Buffer.from(snippetWriters.other(rpm)),
}
const derive = (name: string, from: Record<string, Uint8Array> = documents) => derivedFields[name]?.(from, {})

describe('the fields of a package that its documents hold', () => {
  it('are its capabilities, null where they state nothing', () => {
    assert.deepEqual(derive('provides'), [{ name: 'bear', epoch: '0', version: '4.1', release: '1', flags: 'EQ' }])
    assert.deepEqual(derive('requires'), [{ name: '/bin/sh', epoch: null, version: null, release: null, flags: null }])
  })

  it('are its files by kind', () => {
    assert.deepEqual(derive('files'), { dir: ['/usr/share/bear'], file: ['/usr/bin/bear & co', '/größe'] })
    const ghost = Buffer.from('<package><file type="ghost">/run/x</file></package>')
    assert.deepEqual(derive('files', { filelists: ghost }), { dir: [], file: [], ghost: ['/run/x'] })
  })

  it('are its changelog and the elements themselves', () => {
    const author = 'A <a@example.test> - 1'
    assert.deepEqual(derive('changelog'), [
      [1300000000, author, '- one <x>'],
      [1300000000, author, '- two'],
    ])
    assert.deepEqual(derive('repodata'), {
      primary: snippetWriters.primary(rpm),
      filelists: snippetWriters.filelists(rpm),
      other: snippetWriters.other(rpm),
    })
  })

  it('are empty without documents', () => {
    assert.deepEqual(
      [derive('provides', {}), derive('changelog', {}), derive('files', {})],
      [[], [], { dir: [], file: [] }],
    )
  })
})
