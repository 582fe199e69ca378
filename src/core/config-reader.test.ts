import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigReader } from './config-reader.ts'
import { DeckleError } from './errors.ts'
import { readFeedConfig } from './feed-config.ts'
import type { JsonObject } from './json.ts'

function read(raw: JsonObject): ReturnType<typeof readFeedConfig> {
  const reader = new ConfigReader(raw)
  const config = readFeedConfig(reader, { validate: false })
  reader.finish()
  return config
}

function violations(raw: JsonObject): { lines: readonly string[]; fields: readonly string[] } {
  try {
    read(raw)
  } catch (error) {
    if (error instanceof DeckleError) return { lines: error.message.split('\n'), fields: error.details.fields ?? [] }
    throw error
  }
  return { lines: [], fields: [] }
}

describe('the config of a feed', () => {
  it('has defaults for everything', () => {
    assert.deepEqual(read({}), {
      feed: undefined,
      validate: false,
      retainOldCount: undefined,
      removeMissing: false,
      download: 'immediate',
      upstream: { tls: { verify: true } },
    })
  })

  it('takes booleans and numbers as text, and null as unset', () => {
    const config = read({
      validate: 'TRUE',
      remove_missing: 'false',
      max_downloads: '7',
      retain_old_count: '0',
      max_speed: null,
    })
    assert.deepEqual([config.validate, config.removeMissing, config.retainOldCount], [true, false, 0])
    assert.deepEqual(config.upstream, { tls: { verify: true }, maxDownloads: 7 })
  })

  it('accepts keys that it does not know', () => {
    assert.deepEqual(violations({ something: { else: [1] } }).lines, [])
  })

  it('names every violation at once, a line each, without repeating values', () => {
    const found = violations({
      feed: 5,
      validate: 'maybe-secret',
      max_speed: 0,
      max_downloads: 0,
      retain_old_count: -1,
      download_policy: 'never',
      remove_missing: 1,
      proxy_port: 1.5,
    })
    assert.deepEqual([...found.fields].sort(), [
      'download_policy',
      'feed',
      'max_downloads',
      'max_speed',
      'proxy_host',
      'proxy_port',
      'remove_missing',
      'retain_old_count',
      'validate',
    ])
    assert.equal(found.lines.length, 9)
    assert.ok(!found.lines.join().includes('maybe-secret'))
  })

  it('wants a user with each password, and a certificate with a client key', () => {
    assert.deepEqual(violations({ basic_auth_username: 'a' }).fields, ['basic_auth_password'])
    assert.deepEqual(violations({ proxy_host: 'p', proxy_password: 'a' }).fields, ['proxy_username'])
    assert.deepEqual(violations({ ssl_client_key: 'a' }).fields, ['ssl_client_key'])
  })

  it('hands on how to speak to the upstream', () => {
    const config = read({
      feed: 'https://example.test/x/',
      proxy_host: 'http://proxy.test',
      proxy_port: 3128,
      proxy_username: 'pu',
      proxy_password: 'pp',
      basic_auth_username: 'u',
      basic_auth_password: 'p',
      ssl_validation: false,
      ssl_ca_cert: 'ca',
      ssl_client_cert: 'cert',
      ssl_client_key: 'key',
      max_speed: 1000,
    })
    assert.deepEqual(config.upstream, {
      feed: 'https://example.test/x/',
      tls: { verify: false, ca: 'ca', certificate: 'cert', key: 'key' },
      maxSpeed: 1000,
      basicAuth: { username: 'u', password: 'p' },
      proxy: { host: 'http://proxy.test', port: 3128, username: 'pu', password: 'pp' },
    })
  })

  it('takes credentials out of the feed', () => {
    const config = read({ feed: 'https://u%40x:p%3Aw@example.test/x/' })
    assert.equal(config.feed, 'https://example.test/x/')
    assert.deepEqual(config.upstream.basicAuth, { username: 'u@x', password: 'p:w' })
  })
})

describe('a certificate in a config', () => {
  it('must parse', () => {
    const reader = new ConfigReader({ ca: 'no certificate' })
    assert.equal(reader.certificate('ca'), undefined)
    assert.throws(() => reader.finish(), /ca must be a certificate in PEM form/)
  })
})
