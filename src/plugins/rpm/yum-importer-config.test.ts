import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { yumImporter } from './yum-importer.ts'

describe('the config of a yum importer', () => {
  const { parse, secrets } = yumImporter.config

  it('reads which signatures are wanted', () => {
    assert.equal(parse({ require_signature: 'false', allowed_keys: [], something_else: 1 }).signatures, undefined)
    const keys = { required: false, allowedKeys: ['deadbeef', '0a1b2c3d'] }
    assert.deepEqual(parse({ allowed_keys: ['DEADBEEF', '0a1b2c3d'] }).signatures, keys)
    assert.deepEqual(parse({ allowed_keys: 'DEADBEEF, 0a1b2c3d' }).signatures, keys)
    assert.deepEqual(parse({ require_signature: 'True' }).signatures, { required: true, allowedKeys: [] })
    for (const allowed_keys of ['beef', ['deadbeef0'], [7], 5])
      assert.throws(() => parse({ allowed_keys }), /allowed_keys/)
  })

  it('refuses to look at signatures where packages are fetched later', () => {
    for (const download_policy of ['on_demand', 'background'])
      for (const wanted of [{ require_signature: true }, { allowed_keys: 'deadbeef' }])
        assert.throws(() => parse({ ...wanted, download_policy }), /need the download_policy immediate/)
  })

  it('leaves out what cannot carry a token', () => {
    const { skip, upstream } = parse({ query_auth_token: '?abc123', type_skip_list: ['erratum', 'srpm'] })
    assert.deepEqual([skip, upstream.queryToken], [['erratum', 'srpm', 'distribution'], 'abc123'])
    assert.equal(parse({ query_auth_token: null }).upstream.queryToken, undefined)
    for (const query_auth_token of ['a b', 'a#b', 'a\r\nb', 'ü'])
      assert.throws(() => parse({ query_auth_token }), /query_auth_token/)
  })

  it('keeps the credentials of a feed in keys of their own', () => {
    const kept = yumImporter.config.kept?.({ feed: 'https://me:p%40ss@host/zoo/?a=1', validate: 'true' })
    const credentials = { basic_auth_username: 'me', basic_auth_password: 'p@ss' }
    assert.deepEqual(kept, { feed: 'https://host/zoo/?a=1', validate: 'true', ...credentials })
    const plain = { feed: 'https://host/zoo', proxy_host: 'proxy' }
    assert.deepEqual(yumImporter.config.kept?.(plain), plain)
  })

  it('hides its secrets', () => {
    assert.deepEqual([...secrets].sort(), [
      'basic_auth_password',
      'proxy_password',
      'query_auth_token',
      'ssl_client_key',
    ])
  })

  it('tells the core what it has to do', () => {
    const policy = yumImporter.policy(parse({ remove_missing: 'true', download_policy: 'on_demand' }))
    assert.deepEqual([policy.removeMissing, policy.download], [true, 'on_demand'])
    assert.equal(yumImporter.upstream(parse({ max_downloads: '3' })).maxDownloads, 3)
  })
})
