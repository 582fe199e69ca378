import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ServerError, TaskFailedError, UnreachableError } from '../clients/server-error.ts'
import { CliError } from './cli-error.ts'
import { explain } from './explain.ts'
import { explainFeedFolders } from './feed-folders.ts'

describe('An error', () => {
  test('without a server says what to do', () => {
    const error = new UnreachableError('http://127.0.0.1:8080', 'connection refused')
    assert.deepEqual(explain(error), {
      line:
        'no Deckle server answers at http://127.0.0.1:8080 (connection refused); ' +
        'start one with `npm start` (or `deckle serve`), or set DECKLE_URL',
      exitCode: 1,
    })
  })

  test('of the server is one line in its own words', () => {
    const { line, exitCode } = explain(new ServerError(400, 'wrong:\n  http is required\n  https is required\n'))
    assert.deepEqual([line, exitCode], ['wrong: http is required; https is required', 1])
  })

  test('of authentication says who asked and how to be somebody else', () => {
    const error = new ServerError(401, 'Authentication failed')
    const { line } = explain(error, 'the token in DECKLE_TOKEN')
    assert.match(line, /^Authentication failed; asked with the token in DECKLE_TOKEN: set DECKLE_TOKEN/)
    assert.equal(explain(error).line, 'Authentication failed')
  })

  test('of a task names the task', () => {
    assert.equal(explain(new TaskFailedError('17', 'error', 'disk full')).line, 'disk full (task 17)')
  })

  test('of the call has its own exit code', () => {
    assert.deepEqual(explain(new CliError('no', 2)), { line: 'no', exitCode: 2 })
    assert.deepEqual(explain('thrown text'), { line: 'thrown text', exitCode: 1 })
  })
})

describe('A refused feed folder', () => {
  const refusal = new ServerError(400, 'file: feeds are not allowed here (DECKLE_FEED_DIRS is empty)')

  test('comes with the setting that allows it', async () => {
    const work = () => Promise.reject(refusal)
    await assert.rejects(explainFeedFolders('file:///srv/packages/', work), {
      name: 'CliError',
      message:
        /DECKLE_FEED_DIRS is empty\); to allow this folder, start the server with DECKLE_FEED_DIRS=\/srv\/packages$/,
    })
    const spaced = explainFeedFolders("file:///srv/my%20mother's/", work)
    await assert.rejects(spaced, { message: /DECKLE_FEED_DIRS='\/srv\/my mother'\\''s'$/ })
  })

  test('is recognised in a failed task, too', async () => {
    const failed = new TaskFailedError('17', 'error', 'see DECKLE_FEED_DIRS')
    await assert.rejects(
      explainFeedFolders('file:///srv/', () => Promise.reject(failed)),
      /DECKLE_FEED_DIRS=\/srv$/,
    )
  })

  test('is the only error that changes', async () => {
    const other = new ServerError(400, 'relative_url is taken')
    await assert.rejects(
      explainFeedFolders('file:///srv/', () => Promise.reject(other)),
      other,
    )
    await assert.rejects(
      explainFeedFolders('https://a.example/', () => Promise.reject(refusal)),
      refusal,
    )
    assert.equal(await explainFeedFolders('file:///srv/', () => Promise.resolve(7)), 7)
  })
})
