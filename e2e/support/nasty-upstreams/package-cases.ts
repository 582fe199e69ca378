import assert from 'node:assert/strict'
import { gunzipSync } from 'node:zlib'
import { fetchBytes, recordsOf } from '../published.ts'
import type { NastyCase } from './nasty-case.ts'
import type { NastyUpstream } from './nasty-upstream.ts'

const file = 'delta-4.1-1.noarch.rpm'
const nameless = 'a package of primary'

/** What is wrong with what is said of one package. */
export const packageCases: readonly NastyCase[] = [
  leftOut('has another package than it says', 'checksum_mismatch', (upstream) =>
    upstream.describe('delta', { checksum: '0'.repeat(64) }),
  ),
  leftOut('says another size of a package', 'size_mismatch', (upstream) =>
    upstream.describe('delta', { size: 999_999_999_999_999 }),
  ),
  leftOut('sums a package up in a way that nobody knows', 'checksum_type_unknown', (upstream) =>
    upstream.describe('delta', { checksumType: 'crc32' }),
  ),
  leftOut('has a checksum that is none', 'malformed', (upstream) =>
    upstream.describe('delta', { checksum: '../../../etc/passwd' }),
  ),
  leftOut('leads out of the repository', 'http_status', at('../../../../etc/shadow'), 'shadow'),
  leftOut(
    'leads out of the repository in disguise',
    'http_status',
    at('..%2f..%2fetc%2fshadow'),
    '..%2f..%2fetc%2fshadow',
  ),
  leftOut(
    'leads out of the repository in the way of another system',
    'malformed',
    at('..\\..\\shadow'),
    'delta-4.1-1.noarch',
  ),
  leftOut('leads to a file of the machine', 'malformed', at('file:///etc/shadow'), 'shadow'),
  leftOut('leads to a folder', 'malformed', at('delta/'), 'delta-4.1-1.noarch'),
  leftOut('leads to the folder above', 'malformed', at('packages/..'), 'delta-4.1-1.noarch'),
  leftOut('leads to where clouds keep their keys', 'address_refused', at('http://169.254.169.254/latest/x'), 'x'),
  {
    name: 'has a package elsewhere, by its address',
    spoil: (upstream) => moveDelta(upstream, (url) => ({ href: url })),
    outcome: {},
  },
  {
    name: 'has a package elsewhere, by its base',
    spoil: (upstream) => moveDelta(upstream, (url) => ({ href: file, base: url.slice(0, -file.length) })),
    outcome: {},
  },
  {
    name: 'lists a package twice',
    spoil: (upstream) => upstream.list([...upstream.packages, ...upstream.packages.slice(-1)]),
    outcome: {},
  },
  {
    name: 'lists two packages of one name, version and arch',
    spoil: (upstream) => upstream.add({ name: 'delta', href: 'other/delta-4.1-1.noarch.rpm' }),
    outcome: {},
  },
  {
    name: 'lists packages and their files in another order each',
    spoil: (upstream) => reorder(upstream),
    outcome: { check: eachHasItsFiles },
  },
  {
    name: 'lists the files of packages that it does not have',
    spoil: (upstream) => upstream.edit('filelists', (text) => text.replaceAll(/pkgid="\w{8}/g, 'pkgid="deadbeef')),
    outcome: {},
  },
  {
    name: 'has a package that provides ten thousand things',
    spoil: (upstream) =>
      upstream.edit('primary', (text) =>
        text.replace(
          '</rpm:provides>',
          `${Array.from({ length: 10_000 }, (_, at) => `<rpm:entry name="thing-${at}"/>`).join('')}$&`,
        ),
      ),
    outcome: {},
  },
  unreadable('has an entity bomb in a package', (text) => text.replace('<summary>', '<summary>&a9;')),
  unreadable('has a package that is no text', (text) => text.replace('<summary>', '<summary>\0\0')),
  unreadable('has a package with characters that no XML has', (text) => text.replace('<summary>', '<summary>\x01\x1f')),
  unreadable('has a package with characters that are written as numbers and are none', (text) =>
    text.replace('<summary>', '<summary>&#0;&#xD800;&#x110000;'),
  ),
  unreadable('has a package that is nested without an end', (text) =>
    text.replace('<format>', `<format>${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}<!-- -->`),
  ),
  unreadable('has a package whose elements do not fit together', (text) =>
    text.replace('</summary>', '</description>'),
  ),
  unreadable('has a package with attributes that are none', (text) => text.replace('href=', 'href="a" href=')),
  unreadable('has a package without a name', (text) => text.replace('<name>delta</name>', '<name/>')),
  unreadable('has a package without a location', (text) => text.replace(/<location [^>]*delta[^>]*>/, '')),
  {
    name: 'has a package in another encoding',
    spoil: (upstream) => upstream.set('primary', withBytes(upstream.primary, [0xfc, 0xff])),
    outcome: {},
  },
  unfit('has files of a package that do not fit together', 'filelists', (text) => text.replace('</file>', '</fle>')),
  unfit('has no text in the files of a package', 'filelists', (text) => text.replace('<file>', '<file>\0')),
  unfit('has an entity bomb in the changes of a package', 'other', (text) => text.replace('made', '&a9;')),
  leftOut('has a package with a name without an end', 'malformed', (upstream) =>
    upstream.describe('delta', { name: 'd'.repeat(100_000) }),
  ),
  leftOut('has a package with a version without an end', 'malformed', (upstream) =>
    upstream.describe('delta', { version: '9'.repeat(100_000) }),
  ),
  leftOut(
    'has a package with a file name without an end',
    'malformed',
    at(`${'d'.repeat(5_000)}.rpm`),
    'delta-4.1-1.noarch',
  ),
  {
    name: 'lists twenty thousand packages that are none',
    spoil: (upstream) =>
      upstream.edit('primary', (text) =>
        text.replace('packages="4"', 'packages="20004"').replace('</metadata>', `${'<package/>'.repeat(20_000)}$&`),
      ),
    outcome: { problems: { [nameless]: 'malformed', '10002 more': 'more_problems' } },
  },
  {
    name: 'has a package of an epoch and times beyond all bounds',
    spoil: (upstream) => {
      upstream.describe('delta', { epoch: '99999999999999999999999' })
      upstream.edit('primary', (text) => text.replaceAll(/<time [^>]*>/g, '<time file="999999999999999" build="-1"/>'))
    },
    outcome: {},
  },
]

type Spoil = (upstream: NastyUpstream) => void

function leftOut(name: string, code: string, spoil: Spoil, label = file): NastyCase {
  return { name, spoil, outcome: { problems: { [label]: code }, without: ['delta'] } }
}

function at(href: string): Spoil {
  return (upstream) => upstream.describe('delta', { href })
}

/** What stands in the package delta of primary cannot be read. */
function unreadable(name: string, change: (text: string) => string): NastyCase {
  return {
    name,
    spoil: (upstream) => upstream.edit('primary', (text) => inDelta(text, change)),
    outcome: { problems: { [nameless]: 'malformed' }, without: ['delta'] },
  }
}

function inDelta(text: string, change: (text: string) => string): string {
  const from = text.lastIndexOf('<package ')
  return text.slice(0, from) + change(text.slice(from))
}

/** A file of packages that clients could not read if it were published is not taken. */
function unfit(name: string, type: string, change: (text: string) => string): NastyCase {
  return {
    name,
    spoil: (upstream) => upstream.edit(type, change),
    outcome: { code: 'RPM1006', message: new RegExp(type) },
  }
}

/** Bytes in the summary of its last package. */
function withBytes(open: Buffer, bytes: readonly number[]): Buffer {
  const at = open.lastIndexOf('</summary>')
  return Buffer.concat([open.subarray(0, at), Buffer.from(bytes), open.subarray(at)])
}

function moveDelta(upstream: NastyUpstream, where: (url: string) => { href: string; base?: string }): void {
  const url = upstream.other.url(`/elsewhere/${file}`)
  upstream.other.put(`/elsewhere/${file}`, upstream.bodyOf('delta'))
  upstream.bodies.delete(file)
  upstream.describe('delta', where(url))
}

function reorder(upstream: NastyUpstream): void {
  const inOrder = upstream.packages
  upstream.list(inOrder.toReversed())
  const { primary } = upstream
  upstream.list(inOrder)
  upstream.set('primary', primary)
}

async function eachHasItsFiles(_upstream: NastyUpstream, url: string): Promise<void> {
  const record = recordsOf(String(await fetchBytes(`${url}repodata/repomd.xml`))).get('filelists')
  const text = String(gunzipSync(await fetchBytes(url + record?.href)))
  const found = [...text.matchAll(/name="(\w+)".*?<file>([^<]*)</gs)].map(([, name, path]) => [name, path])
  assert.equal(found.length, 4)
  for (const [name, path] of found) assert.equal(path, `/usr/bin/${name}`)
}
