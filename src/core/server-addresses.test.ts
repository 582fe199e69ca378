import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { consumerAddress } from './server-addresses.ts'

const both = { http: true, https: true }

describe('The address that consumers are told', () => {
  it('is one name for both protocols where they have their own ports', () => {
    const hosts = { http: 'pulp.test', https: 'pulp.test' }
    const told = consumerAddress({ hosts, caCertificate: null }, both)
    assert.deepEqual(told, { name: 'pulp.test', protocols: ['http', 'https'] })
  })

  it('is that of HTTPS where the ports make two names of it, if the distributor serves on it', () => {
    const addresses = { hosts: { http: 'pulp.test:80', https: 'pulp.test:8443' }, caCertificate: null }
    assert.deepEqual(consumerAddress(addresses, both), { name: 'pulp.test:8443', protocols: ['https'] })
    const plain = consumerAddress(addresses, { http: true, https: false })
    assert.deepEqual(plain, { name: 'pulp.test:80', protocols: ['http'] })
  })

  it('is on HTTP without TLS, whatever the distributor says', () => {
    const addresses = { hosts: { http: 'pulp.test:8080' }, caCertificate: null }
    const told = consumerAddress(addresses, { http: false, https: true })
    assert.deepEqual(told, { name: 'pulp.test:8080', protocols: ['http'] })
  })
})
