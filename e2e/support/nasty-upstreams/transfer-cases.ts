import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import type { NastyCase } from './nasty-case.ts'
import type { NastyUpstream } from './nasty-upstream.ts'

const repomd = 'repodata/repomd.xml'
const primary = 'repodata/primary.gz'
const file = 'delta-4.1-1.noarch.rpm'
const etag = { etag: '"one"' }

/** What servers and lines do. */
export const transferCases: readonly NastyCase[] = [
  unfetched('forbids its repomd.xml', /403/, (upstream) => upstream.reply(repomd, { status: 403 })),
  unfetched('has an error in the place of its repomd.xml', /500/, (upstream) =>
    upstream.reply(repomd, { status: 500 }),
  ),
  unfetched('is there in part only', /410/, (upstream) => upstream.reply(primary, { status: 410 })),
  unfetched('answers with a part that nobody asked for', /206/, (upstream) => upstream.reply(primary, { status: 206 })),
  unfetched('redirects in a circle', /redirects more than/, (upstream) =>
    upstream.reply(repomd, { redirect: `${upstream.feed}${repomd}` }),
  ),
  unfetched('redirects to a file of the machine', /redirects to file:/, (upstream) =>
    upstream.reply(repomd, { redirect: 'file:///etc/passwd' }),
  ),
  unfetched('redirects to where clouds keep their keys', /refused/, (upstream) =>
    upstream.reply(repomd, { redirect: 'http://169.254.169.254/latest/meta-data/' }),
  ),
  unfetched('redirects to nowhere', /redirects to nowhere/, (upstream) => upstream.reply(repomd, { status: 302 })),
  unfetched('resets every connection', /primary/, (upstream) => upstream.reply(primary, { body: 'x', resetAfter: 0 })),
  unfetched('has a repomd.xml without an end', /larger than/, (upstream) =>
    upstream.reply(repomd, () => ({ body: Buffer.alloc(17 * 1024 ** 2, ' '), chunked: true })),
  ),
  unfetched('drips', /timeout|stall/i, (upstream) =>
    upstream.reply(primary, { body: Buffer.alloc(4_000, 1), drip: 150 }),
  ),
  unfetched('packs metadata once more on its way', /primary/, (upstream) =>
    upstream.reply(primary, { body: gzipSync('x'), headers: { 'content-encoding': 'gzip' } }),
  ),
  {
    name: 'says that it packed what it did not pack',
    spoil: (upstream) =>
      upstream.reply(file, () => ({ body: upstream.bodyOf('delta'), headers: { 'content-encoding': 'gzip' } })),
    outcome: {},
  },
  {
    name: 'redirects to another host, with a password in the address',
    spoil: (upstream) => {
      upstream.reply(file, { redirect: upstream.other.url('/moved').replace('//', '//me:secret@') })
      upstream.other.put('/moved', () => ({ body: upstream.bodyOf('delta') }))
    },
    outcome: {
      check: ({ other }) =>
        assert.deepEqual(
          other.requests.map(({ headers }) => headers.authorization),
          [undefined],
        ),
    },
  },
  leftOut('forbids a package', 'http_status', (upstream) => upstream.reply(file, { status: 403 })),
  leftOut('has an error in the place of a package', 'http_status', (upstream) => upstream.reply(file, { status: 502 })),
  leftOut('redirects a package in a circle', 'too_many_redirects', (upstream) =>
    upstream.reply(file, { redirect: upstream.feed + file }),
  ),
  leftOut('redirects a package to a file of the machine', 'bad_redirect', (upstream) =>
    upstream.reply(file, { redirect: 'file:///etc/passwd' }),
  ),
  leftOut('resets the connection of a package', 'broken_transfer', (upstream) =>
    upstream.reply(file, () => ({ body: upstream.bodyOf('delta'), resetAfter: 500 })),
  ),
  leftOut('drips a package', 'stalled', (upstream) =>
    upstream.reply(file, () => ({ body: upstream.bodyOf('delta'), drip: 150 })),
  ),
  leftOut('has a web page in the place of a package', 'size_mismatch', (upstream) =>
    upstream.reply(file, { body: '<html>Log in!</html>', headers: { 'content-type': 'text/html' } }),
  ),
  leftOut('has nothing in a package', 'size_mismatch', (upstream) => upstream.reply(file, { body: '' })),
  leftOut('sends a package without an end', 'size_mismatch', (upstream) =>
    upstream.reply(file, () => ({ body: Buffer.alloc(4 * 1024 ** 2), chunked: true })),
  ),
  leftOut('packs a package once more on its way', 'size_mismatch', (upstream) =>
    upstream.reply(file, () => ({
      body: gzipSync(upstream.bodyOf('delta')),
      headers: { 'content-encoding': 'gzip' },
    })),
  ),
  leftOut('sends headers without an end', 'bad_response', (upstream) =>
    upstream.reply(file, { body: '', headers: { 'x-bomb': 'x'.repeat(200_000) } }),
  ),
  leftOut('lies about the rest of a package', 'checksum_mismatch', (upstream) => {
    const { length } = upstream.bodyOf('delta')
    const rest = { 'content-range': `bytes 500-${length - 1}/${length}` }
    upstream.reply(file, [
      { body: upstream.bodyOf('delta'), headers: etag, resetAfter: 500 },
      { status: 206, headers: { ...etag, ...rest }, body: Buffer.alloc(length - 500) },
    ])
  }),
  {
    name: 'answers the request for the rest of a package with another part',
    spoil: (upstream) => {
      const { length } = upstream.bodyOf('delta')
      const wrong = { 'content-range': `bytes 0-${length - 1}/${length}` }
      upstream.reply(file, [
        { body: upstream.bodyOf('delta'), headers: etag, resetAfter: 500 },
        { status: 206, headers: { ...etag, ...wrong }, body: upstream.bodyOf('delta') },
        { body: upstream.bodyOf('delta') },
      ])
    },
    outcome: {},
  },
]

type Spoil = (upstream: NastyUpstream) => void

function unfetched(name: string, message: RegExp, spoil: Spoil): NastyCase {
  return { name, spoil, outcome: { code: 'RPM1004', message } }
}

function leftOut(name: string, code: string, spoil: Spoil): NastyCase {
  return { name, spoil, outcome: { problems: { [file]: code }, without: ['delta'] } }
}
