import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import { belowFeed, isSameFeed, parseFeed, repositoryIdOf, requireRepositoryId, withoutCredentials } from './feed.ts'

const folder = mkdtempSync(join(tmpdir(), 'deckle feed '))
after(() => rmSync(folder, { recursive: true }))

describe('A feed', () => {
  test('stays as it was typed when it is an address', () => {
    const feed = 'https://user:secret@mirror.example/fedora/os?token=1'
    assert.equal(parseFeed(feed, '/'), feed)
    assert.equal(parseFeed('file:///srv/packages', '/'), 'file:///srv/packages')
  })

  test('becomes a file: address when it is a local folder, from anywhere', () => {
    const address = `file://${folder.replaceAll(' ', '%20')}/`
    assert.equal(parseFeed(folder, '/'), address)
    assert.equal(parseFeed('.', folder), address)
  })

  test('is refused when it is neither, or of an unknown kind', () => {
    assert.throws(() => parseFeed('no/such/folder', folder), { name: 'CliError', exitCode: 2, message: /neither/ })
    assert.throws(() => parseFeed('rsync://mirror.example/x', folder), { exitCode: 2, message: /rsync/ })
  })

  test('can be looked into, with its query kept', () => {
    assert.equal(belowFeed('https://a.example/x/?t=1', 'PULP_MANIFEST'), 'https://a.example/x/PULP_MANIFEST?t=1')
    assert.equal(belowFeed('file:///srv/x', 'repodata/repomd.xml'), 'file:///srv/x/repodata/repomd.xml')
  })

  test('is the same with other credentials or another last slash, not with another path', () => {
    assert.ok(isSameFeed('https://u:*****@a.example/x', 'https://u:secret@a.example/x/'))
    assert.ok(!isSameFeed('https://a.example/x', 'https://a.example/y'))
  })

  test('gives up its credentials for fetch', () => {
    const split = withoutCredentials('https://us%40er:p%C3%A4ss@a.example/x')
    assert.deepEqual(split, { url: 'https://a.example/x', username: 'us@er', password: 'päss' })
  })
})

describe('The id from a feed', () => {
  test('is the last component of the path, in allowed characters', () => {
    assert.equal(repositoryIdOf('https://a.example/fedora/38/updates/'), 'updates')
    assert.equal(repositoryIdOf('https://a.example/EPEL%209%20(x86)'), 'EPEL-9-x86')
    assert.equal(repositoryIdOf('file:///srv/Müller/'), 'Muller')
  })

  test('is the host when there is no path', () => {
    assert.equal(repositoryIdOf('https://rpm.vendor.example/'), 'rpm.vendor.example')
  })

  test('must be chosen when nothing is left', () => {
    assert.throws(() => repositoryIdOf('https://a.example/%E6%97%A5/'), { exitCode: 2, message: /--id/ })
  })

  test('is acceptable to the API for every address', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.string({ unit: 'binary' }), (url, extra) => {
        const feed = belowFeed(url, encodeURIComponent(extra.toWellFormed()))
        const id = repositoryIdOrNothing(feed)
        if (id !== undefined) assert.equal(requireRepositoryId(id), id)
      }),
    )
  })
})

function repositoryIdOrNothing(feed: string): string | undefined {
  try {
    return repositoryIdOf(feed)
  } catch (error) {
    assert.match(String(error), /--id/)
    return undefined
  }
}
