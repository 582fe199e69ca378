import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { distributorReport } from '../testing/pulp-reports.ts'
import { curlLine, dnfRepositoryFile, publishedUrl } from './client-configuration.ts'

const server = 'http://127.0.0.1:8080'

describe('The address of a publication', () => {
  test('follows the relative URL, else the id', () => {
    const packages = distributorReport('yum_distributor', { config: { relative_url: 'fedora/38 beta/' } })
    assert.equal(publishedUrl(server, 'zoo', packages), `${server}/pulp/repos/fedora/38%20beta/`)
    assert.equal(publishedUrl(server, 'zoo', distributorReport('iso_distributor')), `${server}/pulp/isos/zoo/`)
  })

  test('is unknown for other types', () => {
    assert.equal(publishedUrl(server, 'zoo', distributorReport('export_distributor')), undefined)
  })
})

describe('What clients are configured with', () => {
  test('is a .repo file that works as it is, without a key', () => {
    const lines = dnfRepositoryFile('zoo', `${server}/pulp/repos/zoo/`).split('\n')
    const settings = lines.filter((line) => !line.startsWith('#'))
    assert.deepEqual(settings, ['[zoo]', 'name=zoo', `baseurl=${server}/pulp/repos/zoo/`, 'enabled=1', 'gpgcheck=0'])
    assert.ok(lines.some((line) => line.startsWith('#') && line.includes('gpgcheck=1')))
  })

  test('checks signatures when there is a key', () => {
    const text = dnfRepositoryFile('zoo', `${server}/pulp/repos/zoo/`, 'https://a.example/KEY')
    assert.match(text, /\ngpgcheck=1\ngpgkey=https:\/\/a\.example\/KEY$/)
  })

  test('is a command for plain files', () => {
    assert.equal(curlLine(`${server}/pulp/isos/zoo/`), `curl -f ${server}/pulp/isos/zoo/PULP_MANIFEST`)
  })
})
