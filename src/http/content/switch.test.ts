import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { sha256Hex } from '../../core/digest.ts'
import { silentLog } from '../../core/log.ts'
import type { PublishedContent } from '../../core/publication.ts'
import type { OpenDatabase } from '../../database/connection.ts'
import { ControlConnection } from '../../database/control-connection.ts'
import { PostgresPublishedContent } from '../../database/published-content.ts'
import { ContentResolver } from '../../operations/resolve-content.ts'
import { contentPlugins } from '../../testing/content-plugins.ts'
import { type ContentServer, contentServer } from '../../testing/content-server.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { insertRepository, insertUnitFile, publish, type TestRepository } from '../../testing/publications.ts'
import { storeBlob, suiteBlobs } from '../../testing/suite-blobs.ts'
import { createContentHandler } from './content-handler.ts'

const basePath = '/pulp/repos/zoo'
const switches = 60

/**
 * Publications switch back to back while clients refresh: index first, then everything it names, from any of two nodes, of which
 * one hears of switches only by polling.
 */
onEachDatabase('clients that refresh while publications switch', (fresh) => {
  const held = suiteBlobs()
  let opened: OpenDatabase
  let control: ControlConnection
  let at: TestRepository
  const nodes: { server: ContentServer; resolver: ContentResolver }[] = []

  before(async () => {
    opened = await fresh.open()
    control = new ControlConnection(opened.url, silentLog)
    await control.open()
    at = await insertRepository(opened.database)
    await publishNext(1)
    const content = new PostgresPublishedContent({ pool: opened.pool, control })
    for (const port of [content, deaf(content)]) {
      const resolver = await ContentResolver.open({ content: port, plugins: contentPlugins, log: silentLog })
      const handler = createContentHandler({ resolver, blobs: held.store, log: silentLog })
      nodes.push({ server: await contentServer(handler), resolver })
    }
  })
  after(async () => {
    for (const { server, resolver } of nodes) {
      server.close()
      resolver.close()
    }
    await control.close()
  })

  /** Version `number` holds one package of its own; the metadata names it, the index names the metadata. */
  const publishNext = async (number: number) => {
    const unit = { path: `a-${number}.rpm`, content: `package ${number}`, addedIn: number, removedIn: number + 1 }
    await insertUnitFile(opened.database, at, unit)
    const primary = `${unit.path} ${sha256Hex(unit.content)}`
    const primaryPath = `repodata/${sha256Hex(primary)}-primary`
    const files = [
      { path: 'repodata/repomd', content: primaryPath },
      { path: primaryPath, content: primary },
    ]
    for (const content of [unit.content, primary, primaryPath]) await storeBlob(held.store, content)
    await publish(opened.database, at, { basePath, version: number, files })
  }

  /** One refresh; each request goes to another node. Returns the version that was seen. */
  const refresh = async (first: number): Promise<string> => {
    let turn = first
    const get = async (path: string) => {
      const { status, body } = (await nodes[turn++ % nodes.length]?.server.ask(`${basePath}/${path}`)) ?? {}
      assert.equal(status, 200, `${path} on node ${turn % nodes.length}`)
      return String(body)
    }
    const primaryPath = await get('repodata/repomd')
    const primary = await get(primaryPath)
    assert.ok(primaryPath.includes(sha256Hex(primary)))
    const [packagePath = '', digest] = primary.split(' ')
    assert.equal(sha256Hex(await get(packagePath)), digest)
    return packagePath
  }

  it('never meet a missing file nor a mixture of two publications', async () => {
    const seen = new Set<string>()
    let switching = true
    const client = async (first: number) => {
      for (let turn = first; switching; turn++) seen.add(await refresh(turn))
    }
    const clients = Promise.all([client(0), client(1), client(0), client(1)])
    for (let number = 2; number <= switches; number++) await publishNext(number)
    switching = false
    await clients
    assert.ok(seen.size > 5, `only ${seen.size} publications were seen: the test did not switch under a refresh`)
  })

  it('see the last publication on a node that heard of it, and on the other once they ask for its files', async () => {
    await publishNext(switches + 1)
    const expected = `a-${switches + 1}.rpm`
    while ((await refresh(0)) !== expected);
    const answer = await nodes[1]?.server.ask(`${basePath}/${expected}`)
    assert.equal(answer?.status, 200)
    assert.equal(await refresh(1), expected)
  })
})

/** A node that hears nothing: all it can do is ask. */
function deaf(content: PublishedContent): PublishedContent {
  return {
    basePaths: (among) => content.basePaths(among),
    find: (candidates, path) => content.find(candidates, path),
    config: (publication) => content.config(publication),
    hasFolder: (publication, folder, prefix) => content.hasFolder(publication, folder, prefix),
    list: (publication, folder, prefix) => content.list(publication, folder, prefix),
    formerly: (basePaths, time) => content.formerly(basePaths, time),
    formerBasePaths: (time) => content.formerBasePaths(time),
    keptSince: (basePaths) => content.keptSince(basePaths),
    watch: async () => ({ close() {} }),
  }
}
