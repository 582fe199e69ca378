import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../core/json.ts'
import { serverCertificate } from '../../testing/certificates.ts'
import { PublishTrial } from '../../testing/publish-run.ts'
import { filesLayout } from './files-layout.ts'
import { isoDistributor } from './iso-distributor.ts'
import { toIsoUnit } from './iso-type.ts'

const sum = 'ab'.repeat(32)
const unit = (name: string) => toIsoUnit({ name, checksum: sum, size: 3 }, 'http://upstream.test/')
const parse = isoDistributor.config.parse

describe('a publication of files', () => {
  it('has a manifest in order of names, with CR LF', async () => {
    const { files } = await new PublishTrial(isoDistributor, [unit('b,c.iso'), unit('a/ä.img')]).run({})
    assert.deepEqual([...files.keys()], ['PULP_MANIFEST'])
    assert.equal(String(files.get('PULP_MANIFEST')), `a/ä.img,${sum},3\r\n"b,c.iso",${sum},3\r\n`)
  })

  it('has an empty manifest without files', async () => {
    const { files } = await new PublishTrial(isoDistributor, []).run({})
    assert.equal(files.get('PULP_MANIFEST')?.length, 0)
  })

  it('lies below /pulp/isos/, at the id of its repository unless a relative_url is set', () => {
    assert.equal(isoDistributor.basePath(parse({}), 'zoo'), '/pulp/isos/zoo')
    assert.equal(isoDistributor.basePath(parse({ relative_url: 'a/b/' }), 'zoo'), '/pulp/isos/a/b')
  })

  it('shows each file at its name, and keeps the place of the manifest', () => {
    assert.equal(filesLayout.locate('a/b.iso'), 'a/b.iso')
    assert.equal(filesLayout.place('a/b.iso'), 'a/b.iso')
    assert.equal(filesLayout.locate('PULP_MANIFEST'), undefined)
    assert.equal(filesLayout.unitFilesBelow('a/'), 'a/')
  })

  it('reports its state with times', async () => {
    const trial = await new PublishTrial(isoDistributor, []).run({})
    const { report, summary } = isoDistributor.describe(trial.progress())
    assert.deepEqual(report, summary)
    const { state, state_times: times, error_message: error } = summary as Record<string, object>
    assert.deepEqual(
      [state, error, Object.keys(times ?? {})],
      ['complete', null, ['not_started', 'in_progress', 'complete']],
    )
    const early = isoDistributor.describe({ state: 'running', steps: [] }).report as JsonObject
    const failed = isoDistributor.describe(trial.progress('failed', 'why')).report as JsonObject
    assert.deepEqual([early['state'], failed['error_message']], ['not_started', 'why'])
  })
})

describe('the config of a publication of files', () => {
  it('accepts keys that it does not know, and refuses wrong values', () => {
    parse({ something: 1, serve_http: 'true', serve_https: null })
    for (const config of [
      { relative_url: '/a' },
      { relative_url: 'a/../b' },
      { serve_http: 'x' },
      { ssl_auth_ca_cert: 'no pem' },
    ]) {
      assert.throws(() => parse(config), JSON.stringify(config))
    }
  })

  it('says on which protocols it serves, and protects with an authority alone', () => {
    assert.deepEqual(isoDistributor.access?.({}), { http: false, https: true, clientAuthority: null })
    const config = { serve_http: true, serve_https: 'false', ssl_auth_ca_cert: serverCertificate }
    parse(config)
    assert.deepEqual(isoDistributor.access?.(config), { http: true, https: false, clientAuthority: serverCertificate })
  })

  it('conflicts with another one at the same place', () => {
    const others = [{ repositoryId: 'zoo', id: 'd', config: {} }]
    assert.throws(() => isoDistributor.validate?.(parse({ relative_url: 'zoo' }), 'other', others), /conflicts/)
    isoDistributor.validate?.(parse({}), 'other', others)
  })
})
