import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { DeckleError } from '../core/errors.ts'
import { errorOf } from '../testing/blob-store-contract.ts'
import { connectUpstream, neverAborts, readAll } from '../testing/downloads.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'

const body = randomBytes(700_000)

async function feed() {
  const root = await temporaryFolder()
  await mkdir(join(root, 'feed', 'sub'), { recursive: true })
  await writeFile(join(root, 'feed', 'sub', 'a file'), body)
  await writeFile(join(root, 'secret'), 'secret')
  const { get, upstream } = connectUpstream({}, { feedFolders: [join(root, 'feed')] })
  const url = (path: string) => pathToFileURL(join(root, path)).href
  return { root, get, upstream, url }
}

describe('a file: feed', () => {
  it('reads files below an allowed folder, and knows their size', async () => {
    const { upstream, url } = await feed()
    const read = async (chunks: AsyncIterable<Uint8Array>, response: { size?: number; url: string }) => ({
      bytes: await readAll(chunks),
      response,
    })
    const { bytes, response } = await upstream.download(url('feed/sub/a file'), read, neverAborts)
    assert.ok(body.equals(bytes))
    assert.equal(response.size, body.length)
    assert.equal(response.url, url('feed/sub/a file'))
  })

  it('follows links that stay below', async () => {
    const { root, get, url } = await feed()
    await symlink('sub', join(root, 'feed', 'link'))
    assert.ok(body.equals(await get(url('feed/link/a file'))))
  })

  it('may be an allowed folder that is a link itself', async () => {
    const { root } = await feed()
    await symlink('feed', join(root, 'alias'))
    const { get } = connectUpstream({}, { feedFolders: [join(root, 'alias')] })
    assert.ok(body.equals(await get(pathToFileURL(join(root, 'alias/sub/a file')).href)))
  })

  it('refuses links that lead out, for a file and for a folder', async () => {
    const { root, get, url } = await feed()
    await symlink('../secret', join(root, 'feed', 'file-link'))
    await symlink('..', join(root, 'feed', 'folder-link'))
    for (const path of ['feed/file-link', 'feed/folder-link/secret']) {
      await assert.rejects(get(url(path)), (error: unknown) => {
        assert.match(String(error), /DECKLE_FEED_DIRS/)
        return errorOf('invalid')(error)
      })
    }
  })

  for (const path of ['secret', 'feed', 'feed/../secret', 'feed/%2e%2e/secret', 'feed-2/x', 'absent']) {
    it(`refuses ${path}`, async () => {
      const { root, get } = await feed()
      await assert.rejects(get(`file://${root}/${path}`), errorOf('invalid'))
    })
  }

  it('refuses everything while no folder is allowed', async () => {
    const { url } = await feed()
    await assert.rejects(connectUpstream().get(url('feed/sub/a file')), errorOf('invalid'))
  })

  it('is never where an upstream elsewhere leads', async () => {
    const { root, url } = await feed()
    const options = { feedFolders: [join(root, 'feed')] }
    const local = connectUpstream({ feed: url('feed/sub/') }, options)
    assert.ok(body.equals(await local.get(url('feed/sub/a file'))))
    const remote = connectUpstream({ feed: 'http://upstream.test/' }, options)
    await assert.rejects(remote.get(url('feed/sub/a file')), errorOf('upstream', 'address_refused'))
  })

  it('refuses files of another host', async () => {
    const { get } = await feed()
    await assert.rejects(get('file://other/feed/a'), errorOf('invalid'))
  })

  for (const path of ['feed/absent', 'feed/absent/absent', 'feed/sub', 'feed/sub/a%20file/x']) {
    it(`answers for ${path} as a server does for a file that it does not have`, async () => {
      const { root, get } = await feed()
      await assert.rejects(get(`file://${root}/${path}`), (error: unknown) => {
        assert.ok(error instanceof DeckleError)
        assert.deepEqual(error.details, { code: 'http_status', data: { status: 404 } })
        return errorOf('upstream')(error)
      })
    })
  }

  it('does not wait for the writer of a pipe', async () => {
    const { root, get, url } = await feed()
    execFileSync('mkfifo', [join(root, 'feed', 'pipe')])
    await assert.rejects(get(url('feed/pipe')), errorOf('upstream', 'http_status'))
  })

  it('ends when the signal aborts', async () => {
    const { upstream, url } = await feed()
    const abort = new AbortController()
    const reading = upstream.download(
      url('feed/sub/a file'),
      async (chunks) => {
        for await (const _ of chunks) abort.abort()
      },
      abort.signal,
    )
    await assert.rejects(reading, errorOf('cancelled'))
  })

  it('passes on the error of the consumer', async () => {
    const { upstream, url } = await feed()
    const failing = async () => {
      throw new RangeError('mine')
    }
    await assert.rejects(upstream.download(url('feed/sub/a file'), failing, neverAborts), RangeError)
  })
})
