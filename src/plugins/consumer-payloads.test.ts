import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isoDistributor } from './files/iso-distributor.ts'
import { yumDistributor } from './rpm/yum-distributor.ts'

const addresses = { hosts: { http: 'pulp.test', https: 'pulp.test' }, caCertificate: 'CA' }
const given = { repository: { id: 'zoo', displayName: 'The zoo' }, addresses }

describe('What bound consumers are told', () => {
  it('of a yum distributor is where it is, and the key of its packages', () => {
    const config = { relative_url: 'a/zoo', http: false, https: true, gpgkey: 'KEY' }
    assert.deepEqual(yumDistributor.consumerPayload?.(yumDistributor.config.parse(config), given), {
      repo_name: 'The zoo',
      server_name: 'pulp.test',
      ca_cert: 'CA',
      relative_path: '/pulp/repos/a/zoo',
      protocols: ['https'],
      gpg_keys: { 'pulp.key': 'KEY' },
      client_cert: null,
    })
  })

  it('has no keys as an empty list, and the id where the repository has no name', () => {
    const config = yumDistributor.config.parse({ relative_url: 'zoo', http: true, https: true })
    const told = yumDistributor.consumerPayload?.(config, { ...given, repository: { id: 'zoo', displayName: null } })
    assert.deepEqual([told?.['gpg_keys'], told?.['repo_name'], told?.['protocols']], [[], 'zoo', ['http', 'https']])
  })

  it('of files is where they are', () => {
    assert.deepEqual(isoDistributor.consumerPayload?.(isoDistributor.config.parse({ serve_https: false }), given), {
      repo_name: 'The zoo',
      server_name: 'pulp.test',
      ca_cert: 'CA',
      relative_path: '/pulp/isos/zoo',
      protocols: [],
    })
  })
})
