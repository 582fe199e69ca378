import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EventDeliveries, EventDelivery, EventMessage, Notifier } from '../../core/event.ts'
import type { JsonObject } from '../../core/json.ts'
import { type Log, silentLog } from '../../core/log.ts'
import { EventDeliverer } from './deliver-events.ts'

function aDelivery(key: number, change: Partial<EventDelivery> = {}): EventDelivery {
  const listener = { key: 7, notifierType: 'http', config: {}, eventTypes: ['*'], created: new Date(0) }
  const event = { type: 'repo.sync.start', payload: {} } as const
  return { key, listener, event, taskId: null, ageSeconds: 0, attempt: 1, ...change }
}

/** What becomes of these deliveries when the notifier does this. */
async function deliver(waiting: readonly EventDelivery[], notify: Notifier['notify']) {
  const settled: string[] = []
  const lines: { readonly message: string; readonly fields?: JsonObject }[] = []
  const left = [...waiting]
  const deliveries: EventDeliveries = {
    claim: async (limit) => left.splice(0, limit),
    done: async ({ key }) => void settled.push(`done ${key}`),
    retry: async ({ key }, seconds) => void settled.push(`retry ${key} in ${seconds}`),
    nextDue: async () => undefined,
    dropExcess: async () => new Map(),
  }
  const warn = (message: string, fields?: JsonObject) => void lines.push({ message, ...(fields && { fields }) })
  const log: Log = { ...silentLog, warn }
  const deliverer = new EventDeliverer({
    deliveries,
    notifiers: { http: { notify } },
    findTask: async () => undefined,
    print: ({ key, event: { type } }): EventMessage => ({ type, body: { key } }),
    nameOf: ({ key }) => `listener ${key}`,
    clock: { now: () => new Date(), pause: async () => {} },
    log,
    attempts: 8,
    retrySeconds: 30,
  })
  await deliverer.look()
  await deliverer.settled()
  return { settled, lines, deliverer }
}

const failing = async () => {
  throw new Error('http://bob:geheim@host answered 500')
}

describe('EventDeliverer', () => {
  it('settles what arrives', async () => {
    const bodies: JsonObject[] = []
    const { settled, lines } = await deliver([aDelivery(1)], async (_config, { body }) => void bodies.push(body))
    assert.deepEqual([settled, lines, bodies], [['done 1'], [], [{ key: 1 }]])
  })

  it('tries again later and later, over about an hour', async () => {
    const pauses: number[] = []
    for (let attempt = 1; attempt < 8; attempt += 1) {
      const { settled } = await deliver([aDelivery(1, { attempt })], failing)
      pauses.push(Number(/in (\d+)$/.exec(settled[0] ?? '')?.[1]))
    }
    assert.deepEqual(pauses, [30, 60, 120, 240, 480, 960, 1920])
  })

  it('gives up after the last attempt, and what has waited longer than all of them after one', async () => {
    const last = await deliver([aDelivery(1, { attempt: 8 })], failing)
    const old = await deliver([aDelivery(2, { ageSeconds: 3811 })], failing)
    assert.deepEqual([last.settled, old.settled], [['done 1'], ['done 2']])
    assert.match(last.lines[0]?.message ?? '', /given up/)
  })

  it('logs failures by the name of the listener, without secrets', async () => {
    const { lines } = await deliver([aDelivery(1)], failing)
    assert.deepEqual(lines[0]?.fields, {
      listener: 'listener 7',
      event: 'repo.sync.start',
      attempt: 1,
      reason: 'http://bob:*****@host answered 500',
      seconds: 30,
    })
  })

  it('lets nobody wait for a listener that does not answer', async () => {
    const hangs = Promise.withResolvers<void>()
    const arrived: unknown[] = []
    const two = [aDelivery(1), aDelivery(2)]
    const over = deliver(two, async (_config, { body }) => {
      if (body['key'] === 1) await hangs.promise
      arrived.push(body['key'])
      if (body['key'] === 2) hangs.resolve()
    })
    await over
    assert.deepEqual(arrived, [2, 1])
  })

  it('gives back what its own end has cut, without counting that against the listener', async () => {
    const begun = Promise.withResolvers<void>()
    const settled: string[] = []
    const left = [aDelivery(1)]
    const deliverer = new EventDeliverer({
      deliveries: {
        claim: async (limit) => left.splice(0, limit),
        done: async () => void settled.push('done'),
        retry: async (_delivery, seconds) => void settled.push(`retry in ${seconds}`),
        nextDue: async () => undefined,
        dropExcess: async () => new Map(),
      },
      notifiers: {
        http: {
          notify: (_config, _message, signal) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new Error('cut')))
              begun.resolve()
            }),
        },
      },
      findTask: async () => undefined,
      print: () => ({ type: 'repo.sync.start', body: {} }),
      nameOf: () => 'x',
      clock: {
        now: () => new Date(),
        pause: (_ms, signal) => new Promise((end) => signal.addEventListener('abort', () => end())),
      },
      log: silentLog,
      attempts: 8,
      retrySeconds: 30,
    })
    deliverer.start()
    await begun.promise
    await deliverer.stop()
    assert.deepEqual(settled, ['retry in 0'])
  })
})
