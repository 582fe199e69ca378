import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { recordingOf } from '../../testing/fake-engine.ts'
import { jsonLines } from './json-lines.ts'
import { readPullEvent } from './pull-event.ts'
import { type Progress, PullProgress } from './pull-progress.ts'

/** What a pull of a recording reports, event by event. */
async function replay(kind: 'docker' | 'podman', name: string, sizes?: ReadonlyMap<string, number>) {
  const progress = new PullProgress(kind === 'docker')
  if (sizes !== undefined) progress.expect(sizes)
  const seen: Progress[] = []
  const body = recordingOf(kind).pulls[name]?.body ?? ''
  for await (const value of jsonLines([Buffer.from(body)])) {
    if (progress.note(readPullEvent(value))) seen.push(progress.now())
  }
  progress.complete()
  return { seen, end: progress.now() }
}

/** Sizes of the three layers and the configuration of the recorded image. */
const sizes = new Map([
  ['d21969825d4b', 3001116],
  ['90cb4b5821b8', 200240],
  ['1b125e7c32fd', 1170],
  ['d9c43a906159', 323],
])

describe('Progress of a pull', () => {
  test("adds up Docker's bytes to the size of the layers", async () => {
    const { seen, end } = await replay('docker', 'new')
    assert.deepEqual([end.bytes, end.totalBytes], [3202526, 3202526])
    assert.equal(seen[0]?.bytes, null)
    assert.ok(seen.some(({ bytes }) => bytes !== null && bytes > 0 && bytes < 3202526))
  })

  test('counts a layer of Docker as done when it is unpacked, not when it has come', async () => {
    const { seen } = await replay('docker', 'new')
    const whole = seen.find(({ bytes, totalBytes }) => bytes === totalBytes && bytes !== null)
    assert.ok(whole?.layers.some(({ done }) => !done))
  })

  test("takes the sizes of Podman's layers from the manifest", async () => {
    const { seen, end } = await replay('podman', 'new', sizes)
    assert.deepEqual([end.bytes, end.totalBytes], [3202849, 3202849])
    assert.deepEqual(
      seen.map(({ bytes }) => bytes),
      [200240, 201410, 3202526, 3202849],
    )
  })

  test('says nothing of bytes but all of layers when nobody tells the sizes', async () => {
    const { seen, end } = await replay('podman', 'new')
    assert.deepEqual([end.bytes, end.totalBytes], [null, null])
    assert.equal(end.layers.filter(({ done }) => done).length, 4)
    assert.ok(seen.every(({ bytes }) => bytes === null))
  })

  test('takes layers that are there for complete', async () => {
    const docker = await replay('docker', 'index')
    assert.deepEqual([docker.end.bytes, docker.end.totalBytes], [50233, 50233])
    const podman = await replay('podman', 'again', sizes)
    assert.equal(podman.seen[0]?.bytes, 1170)
  })

  test('ignores what is no layer', () => {
    const progress = new PullProgress(true)
    assert.equal(progress.note(readPullEvent({ status: 'Pulling from team/app', id: 'abcdefabcdef' })), false)
    assert.equal(progress.note(readPullEvent({ status: 'Digest: sha256:0' })), false)
    for (const value of [null, 3, [], {}, { status: 1, id: {} }]) {
      assert.equal(progress.note(readPullEvent(value)), false)
    }
    assert.deepEqual(progress.now(), { bytes: null, totalBytes: null, layers: [] })
  })

  test('does not take seconds of unpacking for bytes', () => {
    const progress = new PullProgress(true)
    const detail = { current: 1, total: 3, units: 's' }
    progress.note(readPullEvent({ status: 'Extracting', id: 'aaaaaaaaaaaa', progressDetail: detail }))
    assert.equal(progress.now().totalBytes, null)
  })

  test('takes a size that is told late for no less than what has come', () => {
    const progress = new PullProgress(false)
    progress.note(readPullEvent({ status: 'Downloading', id: 'a', progressDetail: { current: 2 } }))
    progress.note(readPullEvent({ status: 'Downloading', id: 'a', progressDetail: { total: 1 } }))
    assert.deepEqual([progress.now().bytes, progress.now().totalBytes], [2, 2])
  })

  const events = fc.record({
    status: fc.constantFrom(
      ...['Pulling fs layer', 'Waiting', 'Downloading', 'Verifying Checksum', 'Download complete', 'Extracting'],
      ...['Pull complete', 'Already exists', 'Retrying in 5 seconds', 'Digest: x'],
    ),
    id: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
    progressDetail: fc.record(
      { current: fc.integer({ min: -5, max: 1000 }), total: fc.integer({ min: -1, max: 1000 }) },
      { requiredKeys: [] },
    ),
  })
  const manifest = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(1000), { noNullPrototype: true })
  const steps = fc.array(fc.oneof({ weight: 20, arbitrary: events }, { weight: 1, arbitrary: manifest }), {
    maxLength: 60,
  })

  test('never falls, whatever the engine says', () => {
    fc.assert(
      fc.property(fc.boolean(), steps, (tellsBytes, said) => {
        const progress = new PullProgress(tellsBytes)
        let before = progress.now()
        for (const step of said) {
          if ('status' in step) progress.note(readPullEvent(step))
          else progress.expect(new Map(Object.entries(step)))
          const now = progress.now()
          assertNotLess(before, now)
          before = now
        }
        progress.complete()
        const end = progress.now()
        assertNotLess(before, end)
        assert.ok(end.layers.every(({ done }) => done))
      }),
    )
  })
})

function assertNotLess(before: Progress, now: Progress): void {
  assert.ok((now.bytes ?? 0) >= (before.bytes ?? 0), 'bytes')
  assert.ok(before.bytes === null || now.bytes !== null, 'bytes are forgotten')
  assert.ok((now.totalBytes ?? 0) >= (before.totalBytes ?? 0), 'total bytes')
  assert.ok(before.totalBytes === null || now.totalBytes !== null, 'total bytes are forgotten')
  assert.ok(now.totalBytes === null || (now.bytes ?? 0) <= now.totalBytes, 'more than all')
  for (const layer of before.layers) {
    const later = now.layers.find(({ id }) => id === layer.id)
    assert.ok(later !== undefined && later.bytes >= layer.bytes && (later.done || !layer.done), `layer ${layer.id}`)
    assert.ok(layer.totalBytes === null || later.totalBytes !== null)
    assert.ok(later.totalBytes === null || later.bytes <= later.totalBytes)
  }
}
