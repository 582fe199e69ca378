import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { it } from 'node:test'
import { onEachDatabase } from '../../../testing/databases.ts'
import { type PulpDatabaseServer, sharedPulpApi } from '../../../testing/pulp-database-server.ts'

onEachDatabase('Consumers of the Pulp API', (fresh) => {
  const api = sharedPulpApi(fresh)
  const call: PulpDatabaseServer['call'] = (...request) => api().call(...request)

  it('are registered with a certificate that stands for them', async () => {
    const body = { id: 'web.1', description: 'a host', notes: { arch: 'x86_64' }, rsa_pub: 'PEM' }
    const made = await call('POST', 'consumers/', body)
    assert.deepEqual([made.status, made.headers.location], [201, '/pulp/api/v2/consumers/web.1/'])
    const { _id, ...rest } = made.json.consumer
    assert.deepEqual(rest, {
      ...body,
      _ns: 'consumers',
      _href: '/pulp/api/v2/consumers/web.1/',
      display_name: 'web.1',
      capabilities: {},
    })
    assert.match(
      made.json.certificate,
      /^-----BEGIN RSA PRIVATE KEY-----\n[^-]*-----END RSA PRIVATE KEY-----\n-----BEGIN CERT/,
    )
    const pem = made.json.certificate.slice(made.json.certificate.indexOf('-----BEGIN CERT'))
    assert.deepEqual(await api().services.authority.identify(pem), { kind: 'consumer', id: 'web.1' })
    assert.match(new X509Certificate(pem).subject, /CN=web\.1/)
    assert.deepEqual((await call('GET', 'consumers/web.1/')).json, made.json.consumer)
    const again = await call('POST', 'consumers/', { id: 'web.1' })
    assert.deepEqual([again.status, again.json.error.code], [409, 'PLP0018'])
  })

  it('are refused without an id, and with one that has illegal characters', async () => {
    for (const [body, code] of [
      [{}, 'PLP0016'],
      [{ id: null }, 'PLP0016'],
      [{ id: 'a b' }, 'PLP0015'],
      [{ id: 'x'.repeat(256) }, 'PLP0015'],
      [{ id: 'a', notes: [] }, 'PLP0015'],
    ] as const) {
      const { status, json } = await call('POST', 'consumers/', body)
      assert.deepEqual([status, json.error.code], [400, code])
    }
  })

  it('change by what a delta says, notes by merging', async () => {
    await call('POST', 'consumers/', { id: 'delta', notes: { a: 1, b: 2 }, rsa_pub: 'old' })
    const delta = { display_name: 'D', description: null, rsa_pub: 'new', notes: { a: null, c: 3 }, id: 'ignored' }
    const { status, json } = await call('PUT', 'consumers/delta/', { delta })
    assert.equal(status, 200)
    const { display_name, description, rsa_pub, notes, id } = json
    assert.deepEqual([display_name, description, rsa_pub, notes, id], ['D', null, 'new', { b: 2, c: 3 }, 'delta'])
    assert.equal((await call('PUT', 'consumers/nobody/', { delta })).json.resources.consumer, 'nobody')
    assert.equal((await call('PUT', 'consumers/delta/', {})).json.error.code, 'PLP0016')
  })

  it('are found by criteria, with what they are bound to if asked', async () => {
    for (const id of ['find-a', 'find-b']) await call('POST', 'consumers/', { id, notes: { kind: 'found' } })
    const criteria = { filters: { 'notes.kind': 'found' }, sort: [['id', 'descending']], fields: ['id'] }
    const found = await call('POST', 'consumers/search/', { criteria })
    assert.deepEqual(found.json.map(Object.keys), Array(2).fill(['_id', '_href', 'id']))
    assert.deepEqual(
      found.json.map((one: { id: string }) => one.id),
      ['find-b', 'find-a'],
    )
    const filters = encodeURIComponent(JSON.stringify({ id: 'find-a' }))
    const asked = await call('GET', `consumers/search/?filters=${filters}&details=true`)
    assert.deepEqual(
      asked.json.map((one: { bindings: unknown }) => one.bindings),
      [[]],
    )
    const bound = await call('POST', 'consumers/search/', { criteria: { filters: { id: 'find-b' } }, bindings: true })
    assert.deepEqual(bound.json[0].bindings, [])
    assert.equal('bindings' in (await call('GET', 'consumers/find-a/')).json, false)
    assert.deepEqual((await call('GET', 'consumers/find-a/?bindings=True')).json.bindings, [])
  })

  it('are gone when they are deleted, with all that was theirs', async () => {
    await call('POST', 'consumers/', { id: 'gone' })
    await call('POST', 'consumers/gone/profiles/', { content_type: 'rpm', profile: [] })
    await call('POST', 'consumer_groups/', { id: 'left', consumer_ids: ['gone'] })
    const asked = await call('POST', 'consumers/gone/actions/content/install/', { units: [], options: {} })
    const { status, json } = await call('DELETE', 'consumers/gone/')
    assert.deepEqual([status, json], [200, null])
    assert.equal((await call('GET', 'consumers/gone/')).status, 404)
    assert.deepEqual((await call('GET', 'consumer_groups/left/')).json.consumer_ids, [])
    assert.equal((await call('GET', asked.json.spawned_tasks[0]._href)).json.state, 'canceled')
    assert.equal((await call('DELETE', 'consumers/gone/')).json.resources.consumer, 'gone')
    const profiles = { criteria: { filters: { consumer_id: 'gone' } } }
    assert.deepEqual((await call('POST', 'consumers/profile/search/', profiles)).json, [])
  })

  it('have a history that says what happened, by whom, and survives them', async () => {
    await call('POST', 'consumers/', { id: 'past' })
    await call('POST', 'consumers/past/profiles/', { content_type: 'rpm', profile: ['x'] })
    await call('POST', 'consumer_groups/', { id: 'pasts' })
    const criteria = { filters: { id: 'past' } }
    for (const action of ['associate', 'associate', 'unassociate', 'unassociate']) {
      await call('POST', `consumer_groups/pasts/actions/${action}/`, { criteria })
    }
    await call('DELETE', 'consumers/past/')
    await call('POST', 'consumers/', { id: 'past' })
    const events = (await call('GET', 'consumers/past/history/?sort=ascending')).json
    assert.deepEqual(
      events.map((event: { type: string }) => event.type),
      [
        ...['consumer_registered', 'unit_profile_changed', 'added_to_group', 'removed_from_group'],
        ...['consumer_unregistered', 'consumer_registered'],
      ],
    )
    assert.deepEqual(events[2].details, { group_id: 'pasts' })
    assert.ok(events.every((event: { originator: string }) => event.originator === 'admin'))
    const latest = await call('GET', 'consumers/past/history/?limit=2')
    assert.deepEqual(latest.json, events.toReversed().slice(0, 2))
    const today = new Date().toISOString().slice(0, 10)
    const days = `start_date=${today}&end_date=${today}&event_type=added_to_group`
    assert.equal((await call('GET', `consumers/past/history/?${days}`)).json.length, 1)
    assert.deepEqual((await call('GET', 'consumers/past/history/?end_date=2016-01-01')).json, [])
  })

  it('have no history where the query is wrong or the consumer missing', async () => {
    await call('POST', 'consumers/', { id: 'query' })
    const query = 'event_type=x&limit=0&sort=up&start_date=2016-01-01T00:00:00Z&end_date=2016-02-30'
    const { status, json } = await call('GET', `consumers/query/history/?${query}`)
    assert.deepEqual([status, json.property_names], [400, ['event_type', 'limit', 'sort', 'start_date', 'end_date']])
    assert.equal((await call('GET', 'consumers/nobody/history/')).json.resources.consumer, 'nobody')
  })

  it('have profiles by content type, with the hash that real servers have', async () => {
    await call('POST', 'consumers/', { id: 'profiled' })
    const elephant = { vendor: 'Fedora', name: 'elephant', epoch: 0, version: '0.2', release: '0.7', arch: 'noarch' }
    const made = await call('POST', 'consumers/profiled/profiles/', { content_type: 'rpm', profile: [elephant] })
    assert.equal(made.status, 201)
    const { _id, id, ...rest } = made.json
    assert.equal(_id.$oid, id)
    assert.deepEqual(rest, {
      _ns: 'consumer_unit_profiles',
      _href: '/pulp/api/v2/consumers/profiled/profiles/rpm/',
      consumer_id: 'profiled',
      content_type: 'rpm',
      profile: [elephant],
      profile_hash: 'db16b75e977ae3fbbf27beb919693137b26ba59eb7be73f2888197b89521e50d',
    })
    assert.deepEqual((await call('GET', made.json._href)).json, made.json)
    const changed = await call('PUT', made.json._href, { profile: { other: true } })
    assert.deepEqual([changed.status, changed.json._id, changed.json.profile], [200, _id, { other: true }])
    await call('PUT', 'consumers/profiled/profiles/puppet/', { profile: [] })
    const { json } = await call('GET', 'consumers/profiled/profiles/')
    assert.deepEqual(
      json.map((one: { content_type: string }) => one.content_type),
      ['puppet', 'rpm'],
    )
    const filters = { profile_hash: changed.json.profile_hash }
    assert.deepEqual((await call('POST', 'consumers/profile/search/', { criteria: { filters } })).json, [changed.json])
    assert.equal((await call('DELETE', made.json._href)).text, 'null')
    assert.equal((await call('GET', made.json._href)).json.resources.profile_id, 'profiled.rpm')
  })

  it('have no profile without a type, without content, or without a consumer', async () => {
    const missing = await call('POST', 'consumers/nobody/profiles/', { content_type: 'rpm', profile: [] })
    assert.equal(missing.json.resources.consumer, 'nobody')
    await call('POST', 'consumers/', { id: 'empty' })
    const { json } = await call('POST', 'consumers/empty/profiles/', {})
    assert.deepEqual(json.missing_property_names, ['content_type', 'profile'])
    const wrong = await call('PUT', 'consumers/empty/profiles/a%20b/', { profile: [] })
    assert.deepEqual([wrong.status, wrong.json.property_names], [400, ['content_type']])
    assert.equal((await call('GET', 'consumers/nobody/profiles/')).status, 404)
  })
})
