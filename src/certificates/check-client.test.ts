import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { certificateWith, octets, packedTree, text } from '../testing/entitlements.ts'
import { TestAuthority } from '../testing/test-authority.ts'
import { extensionsOf } from './certificate-extensions.ts'
import { checkClients } from './check-client.ts'
import { entitledPaths } from './entitled-paths.ts'

const arc = '1.3.6.1.4.1.2312.9'
const dayMs = 24 * 3600 * 1000

let authority: TestAuthority
let below: TestAuthority
before(async () => {
  authority = await TestAuthority.make('entitlements')
  below = await authority.below('department')
})

const chainOf = (...parts: readonly { readonly certificate: string }[]) =>
  parts.map(({ certificate }) => new X509Certificate(certificate))

function faultOf(parts: readonly { readonly certificate: string }[], path = 'zoo', trusted = authority.certificate) {
  return checkClients()(chainOf(...parts), trusted, path)
}

describe('A client of protected content', () => {
  it('is welcome with a certificate of the authority, or of one below it that he shows too', async () => {
    const [direct, indirect] = [await authority.client('a'), await below.client('b')]
    assert.equal(faultOf([direct]), undefined)
    assert.equal(faultOf([indirect, below]), undefined)
    assert.equal(faultOf([indirect, authority, await below.below('other'), below]), undefined)
    assert.match(faultOf([indirect]) ?? '', /not of the authority/)
    assert.equal(faultOf([indirect], 'zoo', below.certificate + authority.certificate), undefined)
  })

  it('is not with none, or one of somebody else, however it is called', async () => {
    const other = await TestAuthority.make('entitlements')
    assert.match(faultOf([]) ?? '', /is needed/)
    assert.match(faultOf([await other.client('a')]) ?? '', /not of the authority/)
    assert.match(faultOf([await other.client('a'), authority]) ?? '', /not of the authority/)
  })

  it('is not with one that somebody signed who is no authority', async () => {
    const client = await authority.client('a')
    const forged = await (await TestAuthority.pretending('a')).client('b')
    assert.match(faultOf([forged, client]) ?? '', /not of the authority/)
  })

  it('is not with one that is out of date, under an authority that is, or one of a server', async () => {
    const late = await authority.client('a', { notAfter: new Date(Date.now() - 1000) })
    const early = await authority.client('a', { notBefore: new Date(Date.now() + dayMs) })
    for (const one of [late, early]) assert.match(faultOf([one]) ?? '', /out of date/)
    assert.match(faultOf([await authority.server(['a.test'])]) ?? '', /none of a client/)
    const endless = await authority.client('a', { notAfter: new Date(Date.now() + 3000 * dayMs) })
    const check = checkClients(() => new Date(Date.now() + 2000 * dayMs))
    assert.match(check(chainOf(endless), authority.certificate, 'zoo') ?? '', /not of the authority/)
  })

  it('is looked at again when his certificate ends, though it was good a moment before', async () => {
    const clock = { now: new Date() }
    const check = checkClients(() => clock.now)
    const chain = chainOf(await authority.client('a', { notAfter: new Date(Date.now() + 10_000) }))
    assert.equal(check(chain, authority.certificate, 'zoo'), undefined)
    clock.now = new Date(Date.now() + 20_000)
    assert.match(check(chain, authority.certificate, 'zoo') ?? '', /out of date/)
  })
})

const v1 = (...paths: readonly string[]) =>
  Object.fromEntries(paths.map((path, index) => [`${arc}.2.${index + 100}.1.6`, text(path)]))
const v3 = (...paths: readonly string[]) => ({ [`${arc}.6`]: text('3.2'), [`${arc}.7`]: packedTree(paths) })

describe('An entitlement certificate', () => {
  const paths = ['/content/dist/$releasever/$basearch/os', 'zoo/', '/content/os$major/x']
  for (const [version, extensions] of [
    ['1', v1(...paths)],
    ['3', v3(...paths)],
  ] as const) {
    it(`of version ${version} opens its paths and what is below them, and nothing else`, async () => {
      const client = await authority.client('a', { extensions })
      const open = ['zoo', 'zoo/repodata/repomd.xml', 'content/dist/7/x86_64/os/a.rpm', 'content/os8/x/y']
      for (const path of open) assert.equal(faultOf([client], path), undefined, path)
      const closed = ['', 'zoo2', 'content', 'content/dist/7/x86_64', 'content/dist/7/os', 'a/zoo', 'content/os/x']
      for (const path of closed) assert.match(faultOf([client], path) ?? '', /no right to this path/, path)
    })
  }

  it('that lists no path, or that cannot be read, opens none', async () => {
    const odd = [
      { [`${arc}.4.1`]: text('an order') },
      { [`${arc}.6`]: text('3.0') },
      { [`${arc}.6`]: text('3.0'), [`${arc}.7`]: Buffer.from('rubbish') },
      { ...v1('zoo'), [`${arc}.6`]: text('3.0') },
      v1('', '/'),
    ]
    for (const extensions of odd) {
      const client = await authority.client('a', { extensions })
      assert.match(faultOf([client]) ?? '', /no right to this path/)
    }
  })

  it('of version 3 is read as others write it', () => {
    // Names b, c, a and the end are 110, 111, 10 and 0; nodes 1 and 2 are 0 and 1. Node 0: a → 1; node 1: b → 2, c → 2; node 2: all.
    const written = octets(Buffer.concat([deflateSync('b\0c\0a\0'), Buffer.of(3, 0b10001101, 0b11110000)]))
    const paths = entitledPaths({ raw: certificateWith({ [`${arc}.6`]: text('3.0'), [`${arc}.7`]: written }) })
    assert.deepEqual(
      ['a/b', 'a/c/d', 'a', 'b'].map((path) => paths?.(path)),
      [true, true, false, false],
    )
  })

  it('is read from whatever bytes without failing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.equal(typeof extensionsOf({ raw: Buffer.from(bytes) }).size, 'number')
        const paths = entitledPaths({ raw: certificateWith({ [`${arc}.6`]: text('3.0'), [`${arc}.7`]: bytes }) })
        assert.equal(paths?.('zoo'), false)
      }),
      { numRuns: 500 },
    )
  })

  it('opens what was packed, whatever it was', () => {
    const name = fc.stringMatching(/^[a-z]{1,3}$/)
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 12 }), path, (paths, other) => {
        const open = entitledPaths({ raw: certificateWith(v3(...paths)) })
        for (const one of paths) assert.ok(open?.(`${one}/file`), one)
        const isOpen = paths.some((one) => `${other}/`.startsWith(`${one}/`))
        assert.equal(open?.(other), isOpen, other)
      }),
    )
  })
})
