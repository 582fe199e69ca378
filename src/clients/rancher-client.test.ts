import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { scriptedRancher } from '../testing/scripted-rancher.ts'
import { followPull } from './follow-pull.ts'
import type { ProjectReport } from './rancher-answers.ts'
import { RancherClient } from './rancher-client.ts'
import { ServerError } from './server-error.ts'

function onlyOne(projects: readonly ProjectReport[]): ProjectReport {
  const [project] = projects
  assert.ok(project !== undefined)
  return project
}

describe('The Rancher client', () => {
  test('goes from page to page, to the server that was named, whatever the links call it', async () => {
    const hosts = [{ id: '1h1' }, { id: '1h2' }, { id: '1h3' }]
    const { url, requests } = await scriptedRancher({ looks: [], hosts })
    const client = await RancherClient.open({ url, credentials: { token: 'abc' } }, onlyOne)
    assert.deepEqual(
      (await client.hosts()).map(({ id }) => id),
      ['1h1', '1h2', '1h3'],
    )
    assert.deepEqual(new Set(requests.map(({ authorization }) => authorization)), new Set(['Bearer abc']))
  })

  test('waits until the task has no transition any more and shows each look', async () => {
    const looks = [
      { transitioning: 'yes', status: null },
      { transitioning: 'yes', status: { a: 'Pulling' } },
    ]
    const done = { transitioning: 'no', status: { a: 'Done' } }
    const { url } = await scriptedRancher({ looks: [...looks, done], hostPulls: [{ id: '1', phase: 'done' }] })
    const client = await RancherClient.open({ url }, onlyOne)
    const seen: unknown[] = []
    const watch = ({ status }: { status: unknown }) => void seen.push(status)
    const { task, hosts } = await followPull(client, await client.pull({ image: 'busybox' }), { interval: 1, watch })
    assert.deepEqual(seen, [null, { a: 'Pulling' }, { a: 'Done' }])
    assert.deepEqual([task.status, hosts.length], [{ a: 'Done' }, 1])
  })

  test("throws what the server's error says: its sentence, else its code and the field", async () => {
    const refused = { status: 422, code: 'MissingRequired', message: null, detail: null, fieldName: 'image' }
    for (const [refusal, message] of [
      [refused, 'MissingRequired: image'],
      [{ ...refused, detail: 'image is missing' }, 'image is missing'],
    ] as const) {
      const { url } = await scriptedRancher({ looks: [], refusal })
      const client = await RancherClient.open({ url }, onlyOne)
      await assert.rejects(client.pull({ image: '' }), (error) => {
        assert.ok(error instanceof ServerError)
        assert.deepEqual([error.status, error.code, error.message], [422, 'MissingRequired', message])
        return true
      })
    }
  })
})
