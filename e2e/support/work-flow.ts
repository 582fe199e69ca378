import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { Type } from 'typebox'
import { hasCode } from '../../src/blobs/disk-error.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { PulpCallReport } from '../../src/wire/pulp/call-report.ts'
import { PulpRepository } from '../../src/wire/pulp/repository.ts'
import type { PulpTaskReport } from '../../src/wire/pulp/task-report.ts'
import { adminPassword, type DeckleServer } from './deckle-server.ts'
import { filesBelow } from './folder-upstream.ts'
import { sha256 } from './published.ts'
import { call, poll, read } from './pulp-calls.ts'

const api = '/pulp/api/v2/'

/** What a task must be: its type, and its tags without `pulp:`, in any order (pulp2-api §3.6). */
export interface ExpectedTask {
  readonly type: string | null
  readonly tags: readonly string[]
}

/** Sends what queues tasks (202) to a path below the API's root; each must finish well and be what is expected, with what it queued. */
export async function perform(
  server: DeckleServer,
  [method, path, body]: readonly [method: string, path: string, body?: object],
  expected: readonly ExpectedTask[],
): Promise<PulpTaskReport[]> {
  const answer = await call(server, method, api + path, body)
  assert.equal(answer.status, 202, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  assert.equal(read(PulpCallReport, answer).error, null)
  const tasks = await poll(server, answer)
  assert.deepEqual(
    tasks.map(({ task_type, tags, state, error }) => ({ type: task_type, tags: tags.toSorted(), state, error })),
    expected.map(({ type, tags }) => ({
      type,
      tags: tags.map((tag) => `pulp:${tag}`).toSorted(),
      state: 'finished',
      error: null,
    })),
  )
  for (const task of tasks) await findByItsTags(server, task)
  return tasks
}

/** Clients look for tasks by all of their tags. */
async function findByItsTags(server: DeckleServer, { tags, task_id }: PulpTaskReport): Promise<void> {
  const query = tags.map((tag) => `tag=${encodeURIComponent(tag)}`).join('&')
  const { body } = await call(server, 'GET', `${api}tasks/?${query}`)
  assert.ok(Array.isArray(body) && body.some((one) => one.task_id === task_id), `${task_id} is not among ${query}`)
}

/** Of a call that answers at once. */
export async function ask(server: DeckleServer, method: string, path: string, body?: object, status = 200) {
  const answer = await call(server, method, api + path, body)
  assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer
}

export async function repositoryOf(server: DeckleServer, id: string): Promise<PulpRepository> {
  return read(PulpRepository, await ask(server, 'GET', `repositories/${id}/?details=true`))
}

/** Sends a file in chunks, the last one first, and imports it; there is nothing left of the upload then. */
export async function uploadFile(
  server: DeckleServer,
  repository: string,
  bytes: Buffer<ArrayBuffer>,
  unit: { readonly unit_type_id: string; readonly unit_key: object },
): Promise<void> {
  const made = await ask(server, 'POST', 'content/uploads/', undefined, 201)
  const { upload_id } = read(Type.Object({ upload_id: Type.String() }), made)
  const chunkBytes = Math.ceil(bytes.length / 3)
  for (const part of [2, 1, 0]) {
    const offset = part * chunkBytes
    const response = await fetch(`${server.url}${api}content/uploads/${upload_id}/${offset}/`, {
      method: 'PUT',
      headers: { authorization: `Basic ${btoa(`admin:${adminPassword}`)}` },
      body: bytes.subarray(offset, offset + chunkBytes),
    })
    assert.deepEqual([response.status, await response.json()], [200, null])
  }
  const order = { upload_id, unit_metadata: {}, ...unit }
  const [task] = await perform(
    server,
    ['POST', `repositories/${repository}/actions/import_upload/`, order],
    [
      {
        type: 'pulp.server.managers.content.upload.import_uploaded_unit',
        tags: [`repository:${repository}`, 'action:import_upload'],
      },
    ],
  )
  assert.equal(Object(task?.result).success_flag, true)
  assert.equal((await ask(server, 'DELETE', `content/uploads/${upload_id}/`)).body, null)
  assert.deepEqual(await readdir(join(server.dataDir, 'blobs/uploads')), [])
}

/** sha256 of all that is stored → its bytes. What is stored under a name that is not its own fails. */
export async function storedFiles(server: DeckleServer): Promise<ReadonlyMap<string, number>> {
  const root = join(server.dataDir, 'blobs')
  const stored = new Map<string, number>()
  for (const path of await filesBelow(root)) {
    const name = path.split('/').at(-1) ?? ''
    if (!/^[0-9a-f]{64}$/.test(name)) continue
    const bytes = await readIfThere(join(root, path))
    if (bytes === undefined) continue
    assert.equal(sha256(bytes), name)
    stored.set(name, bytes.length)
  }
  return stored
}

/** Undefined when it was deleted since it was listed. */
async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Waits until nothing is stored any more, as days later: whoever could still read a file or refer to it is long done. */
export async function freed(server: DeckleServer): Promise<void> {
  const client = new Client({ connectionString: server.databaseUrl })
  await client.connect()
  try {
    await eventually(async () => {
      await client.query(
        `UPDATE blob SET reserved_until = reserved_until - interval '1 day', condemned_at = condemned_at - interval '1 day'`,
      )
      return (await storedFiles(server)).size === 0
    })
  } finally {
    await client.end()
  }
}
