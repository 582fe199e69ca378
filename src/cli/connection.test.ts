import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { chooseConnection, localTokenFile } from './connection.ts'

const folder = mkdtempSync(join(tmpdir(), 'deckle-connection-'))
const tokenFile = join(folder, 'cli-token')
writeFileSync(tokenFile, 'local-token\n')
after(() => rmSync(folder, { recursive: true }))

describe('The connection of the CLI', () => {
  test('goes to this machine with the token of its server', () => {
    const { connection, identity } = chooseConnection({}, tokenFile)
    assert.deepEqual(connection, { url: 'http://127.0.0.1:8080', credentials: { token: 'local-token' } })
    assert.equal(identity, `the token in ${tokenFile}`)
  })

  test('prefers DECKLE_TOKEN to everything', () => {
    const environment = { DECKLE_TOKEN: 'given', DECKLE_URL: 'https://user:password@mirror.example/' }
    const { connection, identity } = chooseConnection(environment, tokenFile)
    assert.deepEqual(connection, { url: 'https://mirror.example', credentials: { token: 'given' } })
    assert.equal(identity, 'the token in DECKLE_TOKEN')
  })

  test('takes user and password out of the address', () => {
    const { connection } = chooseConnection({ DECKLE_URL: 'http://127.0.0.1:9000/?u' }, '/none')
    assert.deepEqual(connection, { url: 'http://127.0.0.1:9000' })
    const withUser = chooseConnection({ DECKLE_URL: 'http://ad%40min:p%3Aw@127.0.0.1:9000' }, tokenFile)
    assert.deepEqual(withUser.connection, {
      url: 'http://127.0.0.1:9000',
      credentials: { username: 'ad@min', password: 'p:w' },
    })
  })

  test('never sends the local token to another machine', () => {
    for (const host of ['mirror.example', '10.0.0.1', '127.0.0.1.mirror.example', 'localhost.mirror.example']) {
      const { connection, identity } = chooseConnection({ DECKLE_URL: `http://${host}:8080` }, tokenFile)
      assert.equal(connection.credentials, undefined, host)
      assert.match(identity, /no credentials/)
    }
  })

  test('knows this machine under its names', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]']) {
      const { connection } = chooseConnection({ DECKLE_URL: `http://${host}:8080` }, tokenFile)
      assert.deepEqual(connection.credentials, { token: 'local-token' }, host)
    }
  })

  test('says what is missing where there are no credentials', () => {
    assert.match(chooseConnection({}, join(folder, 'none')).identity, /DECKLE_TOKEN is not set, .*none does not exist/)
    assert.match(chooseConnection({}, folder).identity, /EISDIR/)
  })

  test('refuses an address that is none', () => {
    for (const address of ['mirror.example', 'ftp://mirror.example', 'localhost:8080']) {
      assert.throws(() => chooseConnection({ DECKLE_URL: address }, tokenFile), { exitCode: 2 }, address)
    }
  })
})

describe('The local token file', () => {
  test('lies in the data folder, which a relative path counts from the working folder', () => {
    assert.equal(localTokenFile({ DECKLE_DATA_DIR: 'data' }, '/srv'), '/srv/data/cli-token')
  })

  test('lies in var of the clone by default', () => {
    const clone = join(import.meta.dirname, '..', '..')
    assert.equal(localTokenFile({}, '/srv'), join(clone, 'var', 'cli-token'))
  })
})
