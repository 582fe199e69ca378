import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { silentLog } from '../../core/log.ts'
import { eventually } from '../../testing/eventually.ts'
import { FakeEngine } from '../../testing/fake-engine.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import type { AgentMessage } from '../../wire/agent/messages.ts'
import { type Clock, systemClock } from '../clock.ts'
import { EngineClient } from '../engine/engine-client.ts'
import type { Order } from './carry-out.ts'
import { PullDuty } from './pull-duty.ts'
import { pullImage } from './pull-image.ts'
import { SharedPulls } from './shared-pulls.ts'

const credential = { serverAddress: '127.0.0.1:5101', username: 'alice', password: 'wr0ng', email: '' }
const digest = 'sha256:c3f8ac5474e853980fd59d02223b130187802e266a69173c5106520a8292e37e'

function order(pull: number, more: Partial<Order> = {}): Order {
  const image = { repository: '127.0.0.1:5100/team/app', tag: 'one', digest: null }
  const conditions = { onlyIfPresent: false, onlyIfAbsent: false, timeoutSeconds: null }
  return { kind: 'pull', pull, attempt: 1, ...image, ...conditions, ...more }
}

/** A duty over an engine that replays recordings, and what it says. */
async function dutyOver(
  context: TestContext,
  kind: 'docker' | 'podman',
  { clock = systemClock, parallel = 3 }: { clock?: Clock; parallel?: number } = {},
) {
  const engine = await FakeEngine.start(kind, await temporaryFolder())
  context.after(() => engine.stop())
  const findEngine = () => EngineClient.at(engine.socket)
  const shared = new SharedPulls(async ({ image, credential: login }, signal, onProgress) => {
    return pullImage({ engine: await findEngine(), image, credential: login, signal, log: silentLog, onProgress })
  }, parallel)
  const duty = new PullDuty({ findEngine, shared, clock }, silentLog, () => undefined)
  context.after(() => duty.stop())
  const said: AgentMessage[] = []
  duty.sayBy((message) => said.push(message))
  const ends = () => said.flatMap((message) => (message.kind === 'end' ? [message] : []))
  const ended = async (count: number) => {
    await eventually(() => ends().length >= count)
    return ends().map(({ pull, outcome, error, digest: found }) => [pull, outcome, error ?? found])
  }
  return { engine, duty, said, ended }
}

/** Holds all pulls of the engine in the middle. */
function held(engine: FakeEngine): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  engine.gate = promise
  return resolve
}

describe('The pulls of a host', () => {
  for (const kind of ['docker', 'podman'] as const) {
    test(`end with the digest that ${kind} knows`, async (context) => {
      const { duty, ended, said } = await dutyOver(context, kind)
      duty.take(order(1))
      assert.deepEqual(await ended(1), [[1, 'done', digest]])
      const last = said.filter((message) => message.kind === 'progress').at(-1)
      assert.ok(last?.layers.length && last.layers.every(({ done }) => done))
    })

    test(`end with the text that ${kind} gives`, async (context) => {
      const { duty, ended, engine } = await dutyOver(context, kind)
      engine.answerTo = () => 'missingTag'
      duty.take(order(1, { tag: 'nope' }))
      const [[, outcome, error] = []] = await ended(1)
      assert.equal(outcome, 'failed')
      assert.match(String(error), /^Image \[127\.0\.0\.1:5100\/team\/app:nope\] failed to pull: .*manifest unknown/)
    })

    test(`are tried without credentials when ${kind} refuses them`, async (context) => {
      const { duty, ended, engine } = await dutyOver(context, kind)
      engine.answerTo = ({ auth }) => (auth === undefined ? 'new' : 'wrongPassword')
      duty.take(order(1, { credential }))
      assert.deepEqual(await ended(1), [[1, 'done', digest]])
      assert.deepEqual(
        engine.pulls.map(({ auth }) => auth !== undefined),
        [true, false],
      )
    })
  }

  test('tell the first error when both attempts fail, and never the password', async (context) => {
    const { duty, ended, engine } = await dutyOver(context, 'docker')
    engine.answerTo = ({ auth }) =>
      auth === undefined ? 'unauthorized' : { status: 500, body: '{"message":"wr0ng is no password"}' }
    duty.take(order(1, { credential }))
    const text = 'Image [127.0.0.1:5100/team/app:one] failed to pull: ***** is no password'
    assert.deepEqual(await ended(1), [[1, 'failed', text]])
  })

  test('do nothing where the image is absent and only those present are wanted', async (context) => {
    const { duty, ended, engine } = await dutyOver(context, 'docker')
    duty.take(order(1, { onlyIfPresent: true }))
    assert.deepEqual(await ended(1), [[1, 'done', undefined]])
    assert.equal(engine.pulls.length, 0)
    engine.present.add('127.0.0.1:5100/team/app:one')
    duty.take(order(2, { onlyIfPresent: true }))
    assert.deepEqual((await ended(2))[1], [2, 'done', digest])
    assert.equal(engine.pulls.length, 1)
  })

  test('do nothing where the image is present and only those absent are wanted', async (context) => {
    const { duty, ended, engine } = await dutyOver(context, 'podman')
    engine.present.add('127.0.0.1:5100/team/app:one')
    duty.take(order(1, { onlyIfAbsent: true }))
    assert.deepEqual(await ended(1), [[1, 'done', digest]])
    assert.equal(engine.pulls.length, 0)
  })

  test('ask the engine by digest when there is one', async (context) => {
    const { duty, ended, engine } = await dutyOver(context, 'podman')
    duty.take(order(1, { tag: null, digest }))
    assert.deepEqual(await ended(1), [[1, 'done', digest]])
    assert.deepEqual(
      engine.pulls.map(({ image }) => image),
      [`127.0.0.1:5100/team/app@${digest}`],
    )
  })

  test('are broken off in the engine when they are cancelled', async (context) => {
    const { duty, ended, engine } = await dutyOver(context, 'docker')
    held(engine)
    duty.take(order(1))
    await eventually(() => engine.pulls.length === 1)
    duty.cancel(1)
    assert.deepEqual(await ended(1), [[1, 'cancelled', undefined]])
    await eventually(() => engine.pulls[0]?.aborted === true)
  })

  test('fail when they take longer than they may', async (context) => {
    const clock = new ManualClock(new Date(0))
    const { duty, ended, engine } = await dutyOver(context, 'docker', { clock })
    held(engine)
    duty.take(order(1, { timeoutSeconds: 30 }))
    await eventually(() => engine.pulls.length === 1)
    clock.moveTo(new Date(30_000))
    const text = 'Image [127.0.0.1:5100/team/app:one] failed to pull: it took longer than 30 seconds'
    assert.deepEqual(await ended(1), [[1, 'failed', text]])
    await eventually(() => engine.pulls[0]?.aborted === true)
  })

  test('of the same image are one pull of the engine, which ends with the last of them', async (context) => {
    const { duty, ended, engine } = await dutyOver(context, 'docker')
    const release = held(engine)
    for (const pull of [1, 2, 3]) duty.take(order(pull))
    await eventually(() => engine.pulls.length === 1)
    duty.cancel(1)
    assert.deepEqual(await ended(1), [[1, 'cancelled', undefined]])
    release()
    assert.deepEqual((await ended(3)).slice(1), [
      [2, 'done', digest],
      [3, 'done', digest],
    ])
    assert.deepEqual(
      engine.pulls.map(({ aborted }) => aborted),
      [false],
    )
  })

  test('with different credentials are different pulls', async (context) => {
    const { duty, ended, engine } = await dutyOver(context, 'docker')
    duty.take(order(1))
    duty.take(order(2, { credential }))
    await ended(2)
    assert.equal(engine.pulls.length, 2)
  })

  test('are no more at once than they may be', async (context) => {
    const { duty, ended, engine } = await dutyOver(context, 'docker', { parallel: 2 })
    const release = held(engine)
    for (const pull of [1, 2, 3, 4, 5]) duty.take(order(pull, { tag: `tag-${pull}` }))
    await eventually(() => engine.pulls.length === 2)
    duty.cancel(3)
    await ended(1)
    assert.equal(engine.pulls.length, 2)
    release()
    await ended(5)
    assert.deepEqual(engine.pulls.map(({ image }) => image.slice(-1)).sort(), ['1', '2', '4', '5'])
  })

  test('are taken once, and their end is said again when they are ordered again', async (context) => {
    const { duty, ended, engine } = await dutyOver(context, 'docker')
    duty.take(order(1))
    duty.take(order(1))
    await ended(1)
    duty.take(order(1))
    assert.equal((await ended(2)).length, 2)
    assert.equal(engine.pulls.length, 1)
  })

  test('go on in a later attempt, and only that one ends', async (context) => {
    const { duty, ended, engine, said } = await dutyOver(context, 'docker')
    const release = held(engine)
    duty.take(order(1))
    await eventually(() => engine.pulls.length === 1)
    duty.take(order(1, { attempt: 2 }))
    assert.deepEqual(duty.underWay(), [{ pull: 1, attempt: 2 }])
    release()
    await ended(1)
    assert.deepEqual(
      said.flatMap((message) => (message.kind === 'end' ? [message.attempt] : [])),
      [2],
    )
    assert.equal(engine.pulls.length, 1)
  })

  test('are announced until their end is acknowledged', async (context) => {
    const { duty, ended } = await dutyOver(context, 'docker')
    duty.take(order(1))
    await ended(1)
    duty.acknowledged(1, 7)
    assert.deepEqual(duty.underWay(), [{ pull: 1, attempt: 1 }])
    duty.sayEnds()
    assert.equal((await ended(2)).length, 2)
    duty.acknowledged(1, 1)
    assert.equal(duty.open, 0)
  })

  test('are reported at once, then twice a second at most, and every ten seconds without news', async (context) => {
    const clock = new ManualClock(new Date(0))
    const { duty, engine, said } = await dutyOver(context, 'docker', { clock })
    held(engine)
    duty.take(order(1))
    await eventually(() => engine.pulls.length === 1)
    const reports = () => said.filter(({ kind }) => kind === 'progress').length
    assert.equal(reports(), 1)
    await clock.whenPausing(2)
    clock.moveTo(new Date(499))
    assert.equal(reports(), 1)
    clock.moveTo(new Date(500))
    await eventually(() => clock.pauses.includes(9500))
    assert.equal(reports(), 1)
    clock.moveTo(new Date(10_000))
    await eventually(() => reports() === 2)
  })
})
