import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { errorOf } from '../testing/blob-store-contract.ts'
import { AddressRules } from './address-rules.ts'
import { type AddressScope, addressScope } from './address-scope.ts'

const scopes: Record<AddressScope, readonly string[]> = {
  forbidden: [
    '169.254.169.254',
    '169.254.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '224.0.0.1',
    '255.255.255.255',
    'fe80::1',
    'febf::1',
    'ff02::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::169.254.169.254',
  ],
  private: [
    '0.0.0.0',
    '10.255.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '::',
    '::1',
    'fc00::1',
    'fd12:3456::1',
    'fec0::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '2002:7f00:1::1',
  ],
  public: ['1.1.1.1', '172.32.0.1', '172.15.0.1', '169.253.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1'],
}

describe('the scope of an address', () => {
  for (const [scope, addresses] of Object.entries(scopes)) {
    for (const address of addresses) {
      it(`${address} is ${scope}`, () => assert.equal(addressScope(address), scope))
    }
  }

  it('does not depend on whether IPv4 is written as IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        assert.equal(addressScope(`::ffff:${address}`), addressScope(address))
        assert.equal(addressScope(`64:ff9b::${address}`), addressScope(address))
      }),
    )
  })

  it('is none for what is no address', () => {
    for (const text of ['', 'localhost', '1.2.3', '[::1]']) assert.throws(() => addressScope(text), TypeError)
  })
})

describe('address rules', () => {
  const none = new AddressRules([])

  it('let private addresses pass unless a public upstream leads there', () => {
    assert.equal(none.refusal('mirror.lan', '10.0.0.1', false), undefined)
    assert.match(
      none.refusal('mirror.lan', '10.0.0.1', true) ?? '',
      /mirror\.lan \(10\.0\.0\.1\).*DECKLE_UPSTREAM_ALLOW/,
    )
  })

  it('never let link-local addresses pass', () => {
    for (const onlyPublic of [true, false]) assert.ok(none.refusal('x', '169.254.1.1', onlyPublic))
  })

  it('always let public addresses pass', () => {
    for (const onlyPublic of [true, false]) assert.equal(none.refusal('x', '1.1.1.1', onlyPublic), undefined)
  })

  const allowed: [entry: string, hostname: string, address: string, passes: boolean][] = [
    ['10.0.0.1', 'x', '10.0.0.1', true],
    ['10.0.0.1', 'x', '10.0.0.2', false],
    ['10.1.0.0/16', 'x', '10.1.255.1', true],
    ['10.1.0.0/16', 'x', '10.2.0.1', false],
    ['fd00::/8', 'x', 'fd12::1', true],
    ['169.254.169.254', 'x', '169.254.169.254', true],
    ['Mirror.LAN', 'mirror.lan', '10.0.0.1', true],
    ['mirror.lan', 'other.lan', '10.0.0.1', false],
  ]
  for (const [entry, hostname, address, passes] of allowed) {
    it(`${passes ? 'let' : 'do not let'} ${hostname} at ${address} pass when ${entry} is listed`, () => {
      assert.equal(new AddressRules([entry]).refusal(hostname, address, true) === undefined, passes)
    })
  }

  for (const entry of ['', '10.0.0', '10.0.0.0/33', '10.0.0.0/x', '::/129', 'http://host/', 'a b', '10.0.0.1:80']) {
    it(`refuse ${JSON.stringify(entry)} as an entry`, () => {
      assert.throws(() => new AddressRules([entry]), errorOf('invalid'))
    })
  }
})
