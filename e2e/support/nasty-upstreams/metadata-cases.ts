import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { NastyCase } from './nasty-case.ts'
import type { NastyUpstream } from './nasty-upstream.ts'

const mebibyte = 1024 ** 2
/** The beginning of a list of packages, and a MiB of one character, in xz: streams may follow each other. */
const xzHead =
  '/Td6WFoAAATm1rRGAgAhARAAAACocI6G4ABhAFddAB4bSKd3ZAxBW8mm2HrOQEhT0ZTxRqUMbcz7lkaKUjZa+GwEDMX1AqovaRi/EaQXCTZz4L' +
  'SWVrJoV4EobdNa7GuNw7zwgsXnQE6hnx6wKGkaG8pF9tvcAAAAelhQLzXY9/YAAXNiap8ohx+2830BAAAAAARZWg=='
const xzPiece =
  '/Td6WFoAAATm1rRGAgAhARAAAACocI6G7///ANldADxv+7/+o7Fe5fg/sqomVfhocEFwFQ+N/R5MG4pCtxn0aRhxrmYjiopNL6MN2X+m44wjEV' +
  'PgWRjFdYrid/i2lH8MasDedElk4ulcU7IE2PdEDKtfDW1G6eXDdoi3llestk3haR1v+0uIEGxCy4g/XACP0E6vJiiUcR89jyThcJ6nI1/sKMuF' +
  '0ZWYin4qkfIndfcZwAaYTZj92K/VkA/EJVP49ZE2MQWlsO5vwXBNRwzRkRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1Iq9+SVJQ' +
  'AAAAAAeJSW/OB273gAAfUBgIBAAHmXf0exxGf7AgAAAAAEWVo='
const xzBomb = Buffer.concat([xzHead, ...Array<string>(320).fill(xzPiece)].map((text) => Buffer.from(text, 'base64')))
/** Ten entities, each of ten of the one before. */
const bomb = `<!DOCTYPE a [<!ENTITY a0 "ha">${Array.from({ length: 9 }, (_, at) => `<!ENTITY a${at + 1} "${`&a${at};`.repeat(10)}">`).join('')}]>`

/** What is wrong with repomd.xml and the metadata that it lists, as a whole. */
export const metadataCases: readonly NastyCase[] = [
  malformed('has an empty repomd.xml', /repomd\.xml/, (upstream) => upstream.repomd(() => '')),
  malformed('has a login page with status 200', /repomd\.xml/, (upstream) =>
    upstream.repomd(() => '<!DOCTYPE html><html><head></head><body>Log in!</body></html>'),
  ),
  malformed('has an entity bomb in repomd.xml', /repomd\.xml/, (upstream) =>
    upstream.repomd((text) => bomb + text.replace('<revision>1', '<revision>&a9;')),
  ),
  malformed('nests repomd.xml without an end', /nested/, (upstream) =>
    upstream.repomd((text) => text.replace('<revision>', `${'<a>'.repeat(50_000)}<revision>`)),
  ),
  malformed('has bytes in repomd.xml that are no text', /repomd\.xml/, (upstream) =>
    upstream.repomd((text) => text.replace('<revision>1', '<revision>\0')),
  ),
  inconsistent('has no list of packages', /no primary/, (upstream) => upstream.record('primary', () => '')),
  inconsistent('lists a thousand files', /files/, (upstream) =>
    upstream.repomd((text) => text.replace('</repomd>', `${manyRecords()}</repomd>`)),
  ),
  inconsistent('announces fewer packages than it has', /announces 3 packages and holds 4/, (upstream) =>
    upstream.edit('primary', (text) => text.replace('packages="4"', 'packages="3"')),
  ),
  unfetched('says another size of its list of packages', /primary/, (upstream) =>
    upstream.record('primary', (text) => text.replace(/<size>\d+/, '<size>100000')),
  ),
  unfetched('says too small a size of its list of packages', /primary/, (upstream) =>
    upstream.record('primary', (text) => text.replace(/<size>\d+/, '<size>10')),
  ),
  malformed('says another open size of its list of packages', /primary/, (upstream) =>
    upstream.record('primary', (text) => text.replace(/<open-size>\d+/, '<open-size>1000000')),
  ),
  malformed('has an empty list of packages', /primary/, (upstream) => upstream.pack('primary', () => Buffer.alloc(0))),
  malformed('calls gzip xz', /primary/, (upstream) => {
    upstream.pack('primary', (open) => zstdCompressSync(open), 'repodata/primary.xz')
  }),
  malformed('has a gzip bomb that opens to more than it says', /opens to more/, (upstream) => {
    upstream.pack('primary', blanks(8))
    upstream.record('primary', (text) => text.replace(/<open-size>\d+/, '<open-size>100000'))
  }),
  malformed('has a zstd bomb in one package', /primary/, (upstream) => {
    upstream.pack('primary', (open) => inflated(open, '</summary>', 'x'), 'repodata/primary.zst')
    withoutOpenSize(upstream, 'primary')
  }),
  malformed('has a zstd bomb of blanks after its packages', /primary/, (upstream) => {
    upstream.pack('primary', (open) => inflated(open, '</metadata>', ' '), 'repodata/primary.zst')
    upstream.edit('primary', (text) => text.replace('</metadata>', '</metadata>!'))
    withoutOpenSize(upstream, 'primary')
  }),
  malformed('has an xz bomb', /primary/, (upstream) => {
    upstream.pack('primary', () => xzBomb, 'repodata/primary.xz')
    withoutOpenSize(upstream, 'primary')
  }),
  malformed('has a bomb in one advisory', /updateinfo/, (upstream) => {
    upstream.pack('updateinfo', (open) => inflated(open, '</title>', 'x'), 'repodata/updateinfo.zst')
    withoutOpenSize(upstream, 'updateinfo')
  }),
  malformed('has half an updateinfo', /updateinfo/, (upstream) =>
    upstream.edit('updateinfo', (text) => text.slice(0, 100)),
  ),
  malformed('has a web page in the place of its groups', /group/, (upstream) =>
    upstream.set('group', '<html><body><br></body></html>'),
  ),
  malformed('has a million groups', /more than 100000/, (upstream) =>
    upstream.set('group', `<comps>${'<group><id>g</id></group>'.repeat(1_000_000)}</comps>`),
  ),
  malformed('has a YAML document without an end', /modules/, (upstream) =>
    upstream.set('modules', Buffer.alloc(40 * mebibyte, 'x')),
  ),
  {
    name: 'says another open checksum of its list of packages',
    spoil: (upstream) =>
      upstream.record('primary', (text) => text.replace(/(<open-checksum[^>]*>)\w{8}/, '$1deadbeef')),
    outcome: {},
  },
  {
    name: 'sums its metadata up in a way that nobody knows',
    spoil: (upstream) => upstream.record('primary', (text) => text.replaceAll('"sha256"', '"blake7"')),
    outcome: {},
  },
  {
    name: 'lists its packages twice',
    spoil: (upstream) => upstream.record('primary', (text) => text + text.replace('primary.gz', 'nowhere.gz')),
    outcome: {},
  },
  {
    name: 'announces a number of packages that is none',
    spoil: (upstream) => upstream.edit('primary', (text) => text.replace('packages="4"', 'packages="-9e99"')),
    outcome: {},
  },
  {
    name: 'lists an advisory twice',
    spoil: (upstream) => upstream.edit('updateinfo', (text) => text.replace(/<update .*<\/update>/, '$&$&')),
    outcome: { counts: { erratum: 1 } },
  },
  {
    name: 'has an advisory of no day',
    spoil: (upstream) =>
      upstream.edit('updateinfo', (text) => text.replace('2024-01-01 00:00:00', 'the 30th of February')),
    outcome: { counts: { erratum: 1 } },
  },
  {
    name: 'has an advisory without an id',
    spoil: (upstream) =>
      upstream.edit('updateinfo', (text) => text.replace('</updates>', '<update><title>x</title></update></updates>')),
    outcome: { problems: { 'an advisory of updateinfo': 'malformed' }, counts: { erratum: 1 } },
  },
  {
    name: 'has a YAML bomb in its modules',
    spoil: (upstream) => upstream.edit('modules', (text) => `${text}---\n${yamlBomb()}`),
    outcome: { problems: { 'a document of modules': 'malformed' }, counts: { modulemd: 1 } },
  },
  {
    name: 'leads out of the tree in its treeinfo',
    spoil: (upstream) => upstream.reply('treeinfo', treeInfo('../../../etc/passwd')),
    outcome: { tree: /no path of a file in the tree/ },
  },
  {
    name: 'has a treeinfo that is too large',
    spoil: (upstream) => upstream.reply('treeinfo', Buffer.alloc(2 * mebibyte, '#')),
    outcome: { tree: /larger than/ },
  },
  {
    name: 'has a treeinfo of files that it lacks',
    spoil: (upstream) => upstream.reply('treeinfo', treeInfo('images/boot.iso')),
    outcome: { tree: /404/ },
  },
]

type Spoil = (upstream: NastyUpstream) => void

function malformed(name: string, message: RegExp, spoil: Spoil): NastyCase {
  return { name, spoil, outcome: { code: 'RPM1006', message } }
}

function inconsistent(name: string, message: RegExp, spoil: Spoil): NastyCase {
  return { name, spoil, outcome: { code: 'RPM1015', message } }
}

function unfetched(name: string, message: RegExp, spoil: Spoil): NastyCase {
  return { name, spoil, outcome: { code: 'RPM1004', message } }
}

function manyRecords(): string {
  return Array.from(
    { length: 1_000 },
    (_, at) => `<data type="more_${at}"><location href="repodata/${at}"/></data>`,
  ).join('')
}

function withoutOpenSize(upstream: NastyUpstream, type: string): void {
  upstream.record(type, (text) => text.replace(/<open-size>\d+<\/open-size>/, ''))
}

function blanks(size: number) {
  return () => gzipSync(Buffer.alloc(size * mebibyte, ' '))
}

/** A document with 320 MiB of one character before that end tag, in zstd: frames may follow each other. */
function inflated(open: Buffer, tag: string, character: string): Buffer {
  const at = open.indexOf(tag)
  const frame = zstdCompressSync(Buffer.alloc(16 * mebibyte, character))
  const frames = Array.from({ length: 20 }, () => frame)
  return Buffer.concat([zstdCompressSync(open.subarray(0, at)), ...frames, zstdCompressSync(open.subarray(at))])
}

function yamlBomb(): string {
  const lines = Array.from(
    { length: 9 },
    (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(', ')}]`,
  )
  return ['document: modulemd', 'version: 2', 'a0: &a0 [x, x]', ...lines, 'data: *a9', ''].join('\n')
}

function treeInfo(path: string): string {
  return `[general]\nfamily = Zoo\nversion = 1\narch = noarch\n[checksums]\n${path} = sha256:${'0'.repeat(64)}\n`
}
