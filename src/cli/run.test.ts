import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { distributorReport, importerReport, repositoryReport } from '../testing/pulp-reports.ts'
import { recordingTerminal } from '../testing/recording-terminal.ts'
import { type Script, type SeenRequest, scriptedServer } from '../testing/scripted-server.ts'
import { taskReport } from '../testing/task-reports.ts'
import { run } from './run.ts'

const cwd = mkdtempSync(join(tmpdir(), 'deckle-run-'))
mkdirSync(join(cwd, 'zoo', 'repodata'), { recursive: true })
writeFileSync(join(cwd, 'zoo', 'repodata', 'repomd.xml'), '')
after(() => rmSync(cwd, { recursive: true }))

const api = '/pulp/api/v2'
const feed = `file://${cwd}/zoo/`

/** Runs a command line against a scripted server; `onInterrupt` gets what the command does at Ctrl-C. */
async function deckle(args: readonly string[], script: Script, onInterrupt: (handler: () => void) => void = () => {}) {
  const server = await scriptedServer(script)
  const terminal = recordingTerminal(undefined)
  const exits: number[] = []
  const code = await run(args, {
    environment: { DECKLE_URL: server.url, DECKLE_TOKEN: 'token' },
    cwd,
    terminal,
    onInterrupt(handler) {
      onInterrupt(handler)
      return () => {}
    },
    trust: () => undefined,
    exit: (number) => void exits.push(number),
  })
  return { code, exits, url: server.url, ...terminal, calls: server.requests.map(callOf) }
}

function callOf(request: SeenRequest): string {
  return `${request.method} ${request.target.replace(api, '')}`
}

/** A server with a repository zoo whose sync queues a publish. */
function mirrorServer(existsAtFirst: boolean, autoPublishes = true): Script {
  const zoo = repositoryReport({
    importers: [importerReport('yum_importer', { feed })],
    distributors: [distributorReport('yum_distributor', { config: { relative_url: 'zoo' } })],
  })
  const spawned_tasks = autoPublishes ? [{ task_id: 'publish' }] : []
  const sync = taskReport({ task_id: 'sync', tags: ['pulp:action:sync'], result: { added_count: 8 }, spawned_tasks })
  const answers: Record<string, unknown> = {
    'POST /repositories/': zoo,
    'POST /repositories/zoo/actions/sync/': { spawned_tasks: [{ task_id: 'sync' }] },
    'POST /repositories/zoo/actions/publish/': { spawned_tasks: [{ task_id: 'publish' }] },
    'GET /tasks/sync/': sync,
    'GET /tasks/publish/': taskReport({ task_id: 'publish', tags: ['pulp:action:publish'] }),
    'GET /repositories/?details=true': [zoo],
  }
  return (request, count) => {
    const call = callOf(request)
    if (call === 'GET /repositories/zoo/?details=true') return existsAtFirst || count > 0 ? { body: zoo } : undefined
    return call in answers ? { body: answers[call] } : undefined
  }
}

describe('deckle mirror', () => {
  test('creates, syncs and publishes, and prints what dnf needs', async () => {
    const ended = await deckle(['mirror', 'zoo'], mirrorServer(false))
    assert.equal(ended.code, 0, ended.notes.join('\n'))
    assert.deepEqual(ended.calls, [
      'GET /repositories/zoo/?details=true',
      'POST /repositories/',
      'POST /repositories/zoo/actions/sync/',
      'GET /tasks/sync/',
      'GET /tasks/publish/',
      'GET /repositories/zoo/?details=true',
    ])
    assert.ok(ended.notes.includes('zoo: 8 added, 0 updated, 0 removed'))
    assert.ok(ended.notes.includes(`zoo: published at ${ended.url}/pulp/repos/zoo/`))
    assert.match(
      ended.printed.join('\n'),
      new RegExp(`^\\[zoo\\]\\nname=zoo\\nbaseurl=${ended.url}/pulp/repos/zoo/\\n`),
    )
  })

  test('does nothing twice: an existing mirror is only synced, and published when the sync did not', async () => {
    const { calls } = await deckle(['mirror', 'zoo'], mirrorServer(true, false))
    assert.deepEqual(
      calls.filter((call) => !call.startsWith('GET')),
      ['POST /repositories/zoo/actions/sync/', 'POST /repositories/zoo/actions/publish/'],
    )
  })

  test('prints JSON for programs', async () => {
    const { printed, url } = await deckle(['mirror', 'zoo', '--json'], mirrorServer(false))
    const { usage, ...summary } = JSON.parse(printed.join('\n'))
    assert.match(usage, /^\[zoo\]/)
    assert.deepEqual(summary, {
      repository: 'zoo',
      type: 'rpm',
      added: 8,
      updated: 0,
      removed: 0,
      problems: [],
      published: true,
      url: `${url}/pulp/repos/zoo/`,
    })
  })

  test("fails with the server's own text", async () => {
    const script: Script = (request) =>
      request.method === 'POST' ? { status: 400, body: { error_message: 'relative_url is taken' } } : undefined
    const { code, notes, printed } = await deckle(['mirror', 'zoo'], script)
    assert.deepEqual([code, notes, printed], [1, ['deckle: relative_url is taken'], []])
  })

  test('fails with the text of the task', async () => {
    const failed = taskReport({
      task_id: 'sync',
      state: 'error',
      error: { code: 'RPM1004', description: 'no repomd.xml' },
    })
    const server = mirrorServer(true)
    const script: Script = (request, count) =>
      callOf(request) === 'GET /tasks/sync/' ? { body: failed } : server(request, count)
    const { code, notes } = await deckle(['mirror', 'zoo'], script)
    assert.deepEqual([code, notes.at(-1)], [1, 'deckle: no repomd.xml (task sync)'])
  })

  test('cancels on the server at the first Ctrl-C and leaves at the second', async () => {
    let state = 'running'
    let interrupt = () => {}
    const server = mirrorServer(true)
    const script: Script = (request, count) => {
      if (callOf(request) === 'DELETE /tasks/sync/') {
        interrupt()
        state = 'canceled'
        return { body: null }
      }
      if (callOf(request) !== 'GET /tasks/sync/') return server(request, count)
      if (count === 0) interrupt()
      return { body: taskReport({ task_id: 'sync', state }) }
    }
    const ended = await deckle(['mirror', 'zoo'], script, (handler) => {
      interrupt = handler
    })
    assert.deepEqual([ended.code, ended.exits], [130, [130]])
    assert.equal(ended.calls.filter((call) => call.startsWith('DELETE')).length, 1)
    assert.equal(ended.notes.at(-1), 'deckle: cancelled')
  })

  test('says which kinds it knows when the feed shows none', async () => {
    mkdirSync(join(cwd, 'empty'))
    const { code, notes, calls } = await deckle(['mirror', 'empty'], () => undefined)
    assert.equal(code, 1)
    assert.match(notes.join(), /neither repodata\/repomd\.xml nor PULP_MANIFEST.*--type/)
    assert.deepEqual(calls, ['GET /repositories/empty/?details=true'])
  })

  test('finds out the kind of an upstream over HTTP, with its credentials', async () => {
    const upstream = await scriptedServer(({ target, authorization }) =>
      authorization !== undefined && target === '/disks/PULP_MANIFEST' ? { body: '' } : undefined,
    )
    const address = `${upstream.url.replace('//', '//user:secret@')}/disks`
    const { calls } = await deckle(['mirror', address], () => undefined)
    assert.deepEqual(
      upstream.requests.map((request) => request.target),
      ['/disks/repodata/repomd.xml', '/disks/PULP_MANIFEST'],
    )
    assert.ok(calls.includes('POST /repositories/'))
  })
})

describe('deckle repo', () => {
  test('lists as a table and as JSON', async () => {
    const table = await deckle(['repo', 'list'], mirrorServer(true))
    assert.deepEqual(
      table.printed
        .join()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
      [
        ['ID', 'CONTENT', 'LAST SYNC', 'FEED'],
        ['zoo', 'empty', 'never', feed],
      ],
    )
    const { printed } = await deckle(['repo', 'list', '--json'], mirrorServer(true))
    assert.equal(JSON.parse(printed.join())[0].id, 'zoo')
  })

  test('publishes what publishes by itself', async () => {
    const { code, calls } = await deckle(['repo', 'publish', 'zoo'], mirrorServer(true))
    assert.equal(code, 0)
    assert.ok(calls.includes('POST /repositories/zoo/actions/publish/'))
  })

  test('fetches what is missing, and says what cannot be had', async () => {
    const step = {
      step_type: 'background_download',
      num_success: 3,
      num_failures: 1,
      error_details: [{ error: 'a: 404' }],
    }
    const server = (failures: number): Script => {
      const body = { ...step, num_failures: failures, ...(failures === 0 && { error_details: [] }) }
      const answers: Record<string, unknown> = {
        'POST /repositories/zoo/actions/download/': { spawned_tasks: [{ task_id: 'get' }] },
        'GET /tasks/get/': taskReport({ task_id: 'get', progress_report: { background_download: [body] } }),
      }
      return (request) => ({ body: answers[callOf(request)] })
    }
    const whole = await deckle(['repo', 'download', 'zoo', '--verify'], server(0))
    assert.deepEqual([whole.code, whole.notes.at(-1)], [0, 'zoo: 3 files are whole'])
    const partly = await deckle(['repo', 'download', 'zoo', '--json'], server(1))
    assert.deepEqual(
      [partly.code, partly.notes.slice(-3)],
      [1, ['zoo: 3 files fetched', '  a: 404', 'deckle: zoo: 1 file could not be fetched']],
    )
    const { tasks, ...outcome } = JSON.parse(partly.printed.join(''))
    assert.deepEqual(outcome, { repository: 'zoo', done: 3, failed: 1, problems: ['a: 404'] })
    assert.equal(tasks.length, 1)
  })

  test('names the distributors there are when one is unknown', async () => {
    const { code, notes } = await deckle(['repo', 'publish', 'zoo', '--distributor', 'x'], mirrorServer(true))
    assert.deepEqual([code, notes], [1, ['deckle: zoo has no distributor x; it has: yum_distributor']])
  })
})

describe('deckle task', () => {
  test('lists the tasks of a repository', async () => {
    const tasks = [taskReport({ task_id: 't1', tags: ['pulp:repository:zoo', 'pulp:action:sync'] })]
    const { printed, calls } = await deckle(['task', 'list', '--repo', 'zoo'], () => ({ body: tasks }))
    assert.deepEqual(calls, ['GET /tasks/?tag=pulp%3Arepository%3Azoo'])
    assert.match(printed.join(), /\nt1 {2}finished {2}sync {4}zoo {9}not started$/)
  })

  test('shows the error and what was left out', async () => {
    const content = { state: 'FINISHED', error_details: [{ name: 'bear', error_code: 'size_mismatch' }] }
    const error = { code: 'PLP0000', description: 'disk full' }
    const body = taskReport({ state: 'error', error, progress_report: { yum_importer: { content } } })
    const { printed } = await deckle(['task', 'show', 'a'], () => ({ body }))
    assert.match(printed.join(), /\nerror: disk full\nleft out: bear: size mismatch$/)
  })
})

describe('deckle status', () => {
  test('says who asks', async () => {
    const body = {
      versions: { platform_version: '2.8.7' },
      database_connection: { connected: true },
      known_workers: [{ _id: 'scheduler@host' }],
    }
    const { printed } = await deckle(['status'], () => ({ body }))
    assert.match(printed.join(), /2\.8\.7/)
    assert.match(printed.join(), /asked as {2}the token in DECKLE_TOKEN/)
  })
})
