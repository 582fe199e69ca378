import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, readlink, rm, truncate } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import type { FileBlobStore } from '../../blobs/file-blob-store.ts'
import type { Log } from '../../core/log.ts'
import { ContentResolver } from '../../operations/resolve-content.ts'
import { contentPlugins } from '../../testing/content-plugins.ts'
import { type ContentServer, contentServer } from '../../testing/content-server.ts'
import { MemoryPublishedContent } from '../../testing/memory-published-content.ts'
import { storeBlob, suiteBlobs } from '../../testing/suite-blobs.ts'
import { createContentHandler } from './content-handler.ts'

const zoo = '/pulp/repos/zoo'

describe('createContentHandler', () => {
  const content = new MemoryPublishedContent()
  const logged: string[] = []
  const held = suiteBlobs()
  let blobs: FileBlobStore
  let resolver: ContentResolver
  let server: ContentServer

  before(async () => {
    blobs = held.store
    const log = recordingLog(logged)
    resolver = await ContentResolver.open({ content, plugins: contentPlugins, log })
    server = await contentServer(createContentHandler({ resolver, blobs, log }))
  })
  after(() => {
    server.close()
    resolver.close()
  })

  /** Publishes a unit file of these bytes at a base path of its own; returns where it is served. */
  const publish = async (name: string, bytes: string | Buffer): Promise<{ path: string; sha256: string }> => {
    const sha256 = await storeBlob(blobs, bytes)
    const basePath = `${zoo}-${sha256.slice(0, 8)}`
    const size = Buffer.byteLength(bytes)
    const rope = [{ sha256, offset: 0, length: size }]
    const lastModified = new Date('2026-03-04T05:06:07.890Z')
    content.publish(basePath, { [name]: { file: { size, sha256, mediaType: null, rope, lastModified } } })
    return { path: `${basePath}/${name}`, sha256 }
  }

  it('gives a file with all that clients and caches want to know', async () => {
    const { path, sha256 } = await publish('a.rpm', 'a package')
    const { status, headers, body } = await server.ask(path)
    assert.equal(status, 200)
    assert.equal(body.toString(), 'a package')
    const { date: _date, connection: _connection, ...rest } = headers
    assert.deepEqual(rest, {
      'accept-ranges': 'bytes',
      'cache-control': 'no-cache',
      'content-length': '9',
      'content-type': 'application/x-rpm',
      etag: `"${sha256}"`,
      'last-modified': 'Wed, 04 Mar 2026 05:06:07 GMT',
      'x-cache-lookup': 'HIT',
      'x-content-type-options': 'nosniff',
    })
  })

  it('says the same and gives the same when the file has come into memory', async () => {
    const { path, sha256 } = await publish('hot.rpm', 'asked for often')
    const answers = [await server.ask(path), await server.ask(path), await server.ask(path)]
    await rm(blobs.path(sha256))
    answers.push(await server.ask(path))
    for (const { status, headers, body } of answers) {
      assert.deepEqual([status, body.toString()], [200, 'asked for often'])
      assert.deepEqual({ ...headers, date: '' }, { ...answers[0]?.headers, date: '' })
    }
    const part = await server.ask(path, { headers: { range: 'bytes=6-8' } })
    assert.deepEqual([part.status, part.body.toString()], [206, 'for'])
  })

  it('answers HEAD without the bytes, stored or not', async () => {
    const { path, sha256 } = await publish('head.rpm', 'never read')
    await rm(blobs.path(sha256))
    const { status, headers, body } = await server.ask(path, { method: 'HEAD' })
    assert.deepEqual([status, headers['content-length'], body.length], [200, '10', 0])
  })

  it('refuses what would change something', async () => {
    const { path } = await publish('read-only.rpm', 'read only')
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status, headers } = await server.ask(path, { method })
      assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD'], method)
    }
  })

  it('says so to a client that still sends its body, and hangs up afterwards', async () => {
    const socket = connect(server.port, '127.0.0.1')
    const lines = ['PUT /pulp/repos/x HTTP/1.1', 'Host: x', 'Connection: close', 'Content-Length: 9000000']
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    socket.write(Buffer.alloc(9_000_000))
    assert.match(await text(socket), /^HTTP\/1.1 405 /)
  })

  it('answers 304 to a client that has the file, and 412 to one that wants another', async () => {
    const { path, sha256 } = await publish('known.rpm', 'known')
    const same = await server.ask(path, { headers: { 'if-none-match': `W/"${sha256}"` } })
    assert.deepEqual([same.status, same.body.length, same.headers['etag']], [304, 0, `"${sha256}"`])
    assert.equal(same.headers['content-length'], undefined)
    const since = await server.ask(path, { headers: { 'if-modified-since': 'Wed, 04 Mar 2026 05:06:07 GMT' } })
    assert.equal(since.status, 304)
    assert.equal((await server.ask(path, { headers: { 'if-none-match': '"x"' } })).status, 200)
    assert.equal((await server.ask(path, { headers: { 'if-match': '"x"' } })).status, 412)
  })

  it('gives one range of a file, and the whole for several', async () => {
    const { path, sha256 } = await publish('range.iso', '0123456789')
    const ask = (range: string, more = {}) => server.ask(path, { headers: { range, ...more } })
    const part = await ask('bytes=2-4')
    assert.deepEqual(
      [part.status, part.body.toString(), part.headers['content-range'], part.headers['content-length']],
      [206, '234', 'bytes 2-4/10', '3'],
    )
    assert.equal((await ask('bytes=-2')).body.toString(), '89')
    const several = await ask('bytes=0-1,4-5')
    assert.deepEqual([several.status, several.body.toString()], [200, '0123456789'])
    const beyond = await ask('bytes=10-')
    assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */10'])
    assert.equal((await ask('bytes=2-4', { 'if-range': `"${sha256}"` })).status, 206)
    assert.equal((await ask('bytes=2-4', { 'if-range': '"old"' })).status, 200)
  })

  it('gives an empty file', async () => {
    const { path } = await publish('empty', '')
    for (let count = 0; count < 3; count++) {
      const { status, headers, body } = await server.ask(path)
      assert.deepEqual([status, headers['content-length'], body.length], [200, '0', 0])
    }
  })

  it('gives ropes and ranges of ropes', async () => {
    const [one, other] = [await storeBlob(blobs, 'xxheadxx'), await storeBlob(blobs, 'foot')]
    const rope = [
      { sha256: one, offset: 2, length: 4 },
      { sha256: other, offset: 0, length: 4 },
    ]
    const file = { size: 8, sha256: 'a'.repeat(64), mediaType: 'text/plain', rope, lastModified: new Date(0) }
    content.publish('/pulp/repos/rope', { 'index.txt': { file } })
    assert.equal((await server.ask('/pulp/repos/rope/index.txt')).body.toString(), 'headfoot')
    const part = await server.ask('/pulp/repos/rope/index.txt', { headers: { range: 'bytes=3-5' } })
    assert.deepEqual([part.status, part.body.toString()], [206, 'dfo'])
  })

  it('finds names with a plus, a blank and letters of all languages', async () => {
    const { path } = await publish('libstdc++ é.rpm', 'plus')
    const target = path.replace(' ', '%20').replace('é', '%C3%A9')
    assert.equal((await server.ask(target)).body.toString(), 'plus')
    assert.equal((await server.ask(target.replaceAll('+', '%2B'))).body.toString(), 'plus')
    assert.equal((await server.ask(target.replaceAll('+', '%20'))).status, 404)
  })

  it('refuses to leave its tree', async () => {
    const { path } = await publish('inside', 'inside')
    for (const way of ['/../../etc/passwd', '/%2e%2e/x', '/..%2fx', '/x%00', '/%']) {
      const { status, headers } = await server.ask(`${path}${way}`)
      assert.deepEqual([status, headers['content-type']], [400, 'text/plain; charset=utf-8'], way)
    }
  })

  it('leaves other paths to others', async () => {
    for (const path of ['/pulp/api/v2/status/', '/pulp/static/x', '/v1', '/']) {
      assert.equal((await server.ask(path)).status, 421, path)
    }
  })

  it('answers 404 where nothing is published, for nobody to keep', async () => {
    const { status, headers, body } = await server.ask('/pulp/repos/nothing/x')
    assert.deepEqual([status, headers['cache-control']], [404, 'no-store'])
    assert.match(body.toString(), /Nothing is published here/)
  })

  it('answers 503 for a file that is published but not stored', async () => {
    content.publish('/pulp/repos/lazy', {}, { 'lazy.rpm': null })
    const { status, headers } = await server.ask('/pulp/repos/lazy/lazy.rpm')
    assert.deepEqual([status, headers['retry-after'], headers['cache-control']], [503, '60', 'no-store'])
  })

  it('lists folders, leads to their slash, and gives `listing` above repositories', async () => {
    content.publish('/pulp/repos/tree/8/os', { 'repodata/repomd.xml': 'x', '<b>': 'x' })
    content.publish('/pulp/repos/tree/7/os')
    content.announce(undefined)
    const page = await server.ask('/pulp/repos/tree/8/os/')
    assert.deepEqual([page.status, page.headers['content-type']], [200, 'text/html; charset=utf-8'])
    assert.match(page.body.toString(), /<a href="\.\/repodata\/">repodata\/<\/a>/)
    assert.ok(!page.body.toString().includes('<b>'))
    const above = await server.ask('/pulp/repos/tree/')
    assert.match(above.body.toString(), /<a href="\.\/7\/">/)
    const slash = await server.ask('/pulp/repos//tree/8/os?x=1')
    assert.deepEqual([slash.status, slash.headers['location']], [301, '/pulp/repos/tree/8/os/?x=1'])
    assert.equal((await server.ask('/pulp/repos/tree/listing')).body.toString(), '7\n8')
    const head = await server.ask('/pulp/repos/tree/8/os/', { method: 'HEAD' })
    assert.deepEqual([head.status, head.body.length], [200, 0])
  })

  it('answers 503 and logs when bytes are gone before the first one', async () => {
    const { path, sha256 } = await publish('gone.rpm', 'gone')
    await rm(blobs.path(sha256))
    logged.length = 0
    assert.equal((await server.ask(path)).status, 503)
    assert.equal((await server.ask(path)).status, 503)
    assert.deepEqual(logged, ['a published file cannot be read', 'a published file cannot be read'])
  })

  it('breaks the connection and logs when bytes turn out short half-way', async () => {
    const { path, sha256 } = await publish('short.iso', Buffer.alloc(1_000_000, 'x'))
    await truncate(blobs.path(sha256), 600_000)
    logged.length = 0
    await assert.rejects(server.ask(path), { code: 'ECONNRESET' })
    assert.deepEqual(logged, ['a published file cannot be read'])
  })

  it('answers 503 while the database is away, and goes on with what it knows', async () => {
    const { path } = await publish('stays.rpm', 'stays')
    await server.ask(path)
    const away = Promise.reject(new Error('away'))
    away.catch(() => undefined)
    content.gate = away
    assert.equal((await server.ask(`${path}-other`)).status, 503)
    assert.equal((await server.ask(path)).body.toString(), 'stays')
    content.gate = Promise.resolve()
  })

  it('closes the blob of a client that leaves half-way', { skip: process.platform !== 'linux' }, async () => {
    const { path, sha256 } = await publish('left.iso', Buffer.alloc(30_000_000, 'x'))
    const socket = connect(server.port, '127.0.0.1')
    const [accepted] = await once(server.server, 'connection')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await once(socket, 'data')
    socket.pause()
    assert.equal(await openFiles(blobs.path(sha256)), 1)
    socket.destroy()
    await closed(accepted)
    while ((await openFiles(blobs.path(sha256))) > 0) await new Promise(setImmediate)
  })
})

describe('a client that stops reading', () => {
  const held = suiteBlobs()

  it('is cut off', async () => {
    const blobs = held.store
    const content = new MemoryPublishedContent()
    const log = recordingLog([])
    const resolver = await ContentResolver.open({ content, plugins: contentPlugins, log })
    const server = await contentServer(createContentHandler({ resolver, blobs, log, stallMs: 20 }))
    const size = 30_000_000
    const sha256 = await storeBlob(blobs, Buffer.alloc(size, 'x'))
    const rope = [{ sha256, offset: 0, length: size }]
    const file = { size, sha256, mediaType: null, rope, lastModified: new Date(0) }
    content.publish(zoo, { large: { file } })
    const socket = connect(server.port, '127.0.0.1').pause()
    const [accepted] = await once(server.server, 'connection')
    socket.write(`GET ${zoo}/large HTTP/1.1\r\nHost: x\r\n\r\n`)
    await closed(accepted)
    socket.destroy()
    server.close()
    resolver.close()
  })
})

function recordingLog(messages: string[]): Log {
  const log: Log = {
    info: (message) => void messages.push(message),
    warn: (message) => void messages.push(message),
    error: (message) => void messages.push(message),
    with: () => log,
  }
  return log
}

/** Unlike `once` of node:events, does not mind the error before. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

async function openFiles(path: string): Promise<number> {
  const names = await readdir('/proc/self/fd')
  const links = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')))
  return links.filter((link) => link === path).length
}
