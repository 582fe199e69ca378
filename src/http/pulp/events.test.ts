import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpEventListener } from '../../wire/pulp/event-listener.ts'
import { toPulpEventMessage } from './event-listener.ts'

const http = {
  notifier_type_id: 'http',
  notifier_config: { url: 'http://ann:pass@example.com/hook', username: 'bob', password: 'geheim' },
  event_types: ['repo.sync.finish', 'repo.publish.finish'],
}

async function aListener() {
  const server = new PulpServer()
  const made = await server.call('POST', 'events/', http)
  return { server, made, path: `events/${made.json.id}/` }
}

describe('/events/', () => {
  it('makes, shows, lists and removes a listener, and shows no password', async () => {
    const { server, made, path } = await aListener()
    assert.deepEqual([made.status, made.headers['location']], [201, `/pulp/api/v2/${path}`])
    assert.equal(Value.Check(PulpEventListener, made.json), true)
    const masked = { url: 'http://ann:*****@example.com/hook', username: 'bob', password: '*****' }
    assert.deepEqual(made.json.notifier_config, masked)
    assert.deepEqual((await server.call('GET', path)).json, made.json)
    assert.deepEqual((await server.call('GET', 'events/')).json, [made.json])
    const gone = await server.call('DELETE', path)
    assert.deepEqual([gone.status, gone.text], [200, 'null'])
    const { status, json } = await server.call('GET', path)
    assert.deepEqual([status, json.resources], [404, { event_listener: made.json.id }])
  })

  it('merges the config, keeps a password that comes back masked, and replaces the types', async () => {
    const { server, path } = await aListener()
    const change = { notifier_config: { password: '*****', username: null, more: 1 }, event_types: ['*'] }
    const { json } = await server.call('PUT', path, change)
    assert.deepEqual(
      [json.event_types, json.notifier_config.more, 'username' in json.notifier_config],
      [['*'], 1, false],
    )
    const [kept] = await server.services.eventListeners.list()
    assert.deepEqual([kept?.config['password'], kept?.config['url']], ['geheim', http.notifier_config.url])
    assert.deepEqual((await server.call('PUT', path)).json, json)
  })

  it('answers what clients get wrong', async () => {
    const { server, path } = await aListener()
    const mail = { notifier_type_id: 'email', event_types: ['*'] }
    const cases: readonly [method: 'POST' | 'PUT', body: object, name: string][] = [
      ['POST', { ...http, event_types: undefined }, 'event_types'],
      ['POST', { ...http, event_types: [] }, 'event_types'],
      ['POST', { ...http, event_types: 'repo.sync.start' }, 'event_types'],
      ['POST', { ...http, event_types: ['repo.delete'] }, 'event_types'],
      ['POST', { ...http, notifier_type_id: undefined }, 'notifier_type_id'],
      ['POST', { ...http, notifier_type_id: 'amqp' }, 'notifier_type_id'],
      ['POST', { ...http, notifier_type_id: 'constructor' }, 'notifier_type_id'],
      ['POST', { ...http, notifier_config: [] }, 'notifier_config'],
      ['POST', { ...http, notifier_config: { url: 'ftp://example.com/' } }, 'notifier_config'],
      ['POST', { ...http, notifier_config: { url: 1 } }, 'notifier_config'],
      ['POST', { ...http, notifier_config: { url: 'http://169.254.1.1/' } }, 'notifier_config'],
      ['POST', { ...http, notifier_config: { username: 1 } }, 'notifier_config'],
      ['POST', { ...mail, notifier_config: { subject: 1 } }, 'notifier_config'],
      ['POST', { ...mail, notifier_config: { addresses: 'ann@example.com' } }, 'notifier_config'],
      ['POST', { ...mail, notifier_config: { addresses: ['ann@example.com\r\nX: y'] } }, 'notifier_config'],
      ['PUT', { event_types: [] }, 'event_types'],
      ['PUT', { notifier_config: { url: 'x' } }, 'notifier_config'],
    ]
    for (const [method, body, name] of cases) {
      const { status, json } = await server.call(method, method === 'POST' ? 'events/' : path, body)
      assert.deepEqual([status, json?.error?.data?.property_names], [400, [name]], JSON.stringify(body))
    }
    for (const id of ['x', '0'.repeat(24), `${'f'.repeat(8)}0016${'f'.repeat(12)}`]) {
      assert.equal((await server.call('GET', `events/${id}/`)).status, 404, id)
    }
  })

  it('takes an HTTP listener without a config, as real servers do, and one by email', async () => {
    const { server } = await aListener()
    const bare = await server.call('POST', 'events/', { notifier_type_id: 'http', event_types: ['*'] })
    assert.deepEqual([bare.status, bare.json.notifier_config], [201, {}])
    const config = { subject: 'Zoo', addresses: ['ann@example.com'] }
    const mail = await server.call('POST', 'events/', {
      notifier_type_id: 'email',
      notifier_config: config,
      event_types: ['*'],
    })
    assert.deepEqual([mail.status, mail.json.notifier_config], [201, config])
  })
})

describe('the message of an event', () => {
  const { plugins } = new PulpServer()
  const listener = { key: 1, notifierType: 'http', config: {}, eventTypes: ['*'], created: new Date(0) }
  const delivery = { key: 1, listener, taskId: null, ageSeconds: 0, attempt: 1 }

  it('of a start says of what', () => {
    const payload = { repositoryId: 'zoo', distributorId: 'd' }
    const { body } = toPulpEventMessage(
      { ...delivery, event: { type: 'repo.publish.start', payload } },
      undefined,
      plugins,
    )
    assert.deepEqual(body, {
      event_type: 'repo.publish.start',
      payload: { repo_id: 'zoo', distributor_id: 'd' },
      call_report: null,
    })
  })

  it('of an end is the entry of the history, without _id, whatever its result', () => {
    const dates = { started: new Date(0).toISOString(), completed: new Date(1000).toISOString() }
    const counts = { added: null, updated: null, removed: null, summary: null, details: null }
    const error = { kind: 'upstream', message: 'it is gone', details: {}, trace: null }
    const history = {
      key: 5,
      repositoryId: 'zoo',
      importerType: 'stub_importer',
      result: 'failed',
      error,
      ...dates,
      ...counts,
    }
    const event = { type: 'repo.sync.finish', payload: { history } } as const
    const { payload } = Object(toPulpEventMessage({ ...delivery, event }, undefined, plugins).body)
    assert.deepEqual([payload.result, payload.error_message, payload.repo_id], ['failed', 'it is gone', 'zoo'])
    assert.deepEqual([payload._id, typeof payload.id, payload.traceback], [undefined, 'string', null])
  })
})
