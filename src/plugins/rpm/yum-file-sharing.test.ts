import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseRepomd, printRepomd } from './metadata/repomd.ts'
import { yumFileSharing } from './yum-file-sharing.ts'

it('an index that is shared tells another age, and of the same files', () => {
  const checksum = { algorithm: 'sha256', value: 'ab'.repeat(32) } as const
  const record = { type: 'primary', href: 'repodata/x-primary.xml.gz', checksum, size: 5, openSize: 9, timestamp: 1 }
  const text = printRepomd({ revision: '1', records: [record, { ...record, type: 'other' }] })
  const redated = yumFileSharing.dated?.['repodata/repomd.xml']?.(Buffer.from(text), new Date(1_700_000_000_999))
  assert.deepEqual(parseRepomd(redated ?? Buffer.alloc(0)), {
    revision: '1700000000',
    records: [
      { ...record, timestamp: 1_700_000_000 },
      { ...record, type: 'other', timestamp: 1_700_000_000 },
    ],
  })
})
