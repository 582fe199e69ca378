import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RancherCall, RancherServer } from '../../testing/rancher-server.ts'

/** One row a rule of rancher-api §1.12 and §1.13: request → status, code, field. */
type Row = readonly [
  rule: string,
  request: RancherCall & { readonly to: string },
  status: number,
  code?: string,
  field?: string,
]

const tasks = '/v1/projects/1a2/pulltasks'
const registries = '/v1/projects/1a2/registries'
const post = (to: string, body?: RancherCall['body'], headers = {}) => ({
  to,
  method: 'POST',
  headers,
  ...(body !== undefined && { body }),
})
const task = (body: object) => post(tasks, JSON.stringify({ image: 'busybox', ...body }))
const put = (to: string, body: object) => ({ to, method: 'PUT', body: JSON.stringify(body) })
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const boundary = 'x'.repeat(30)
const multipart = { 'content-type': `multipart/form-data; boundary=${boundary}` }
const part = (name: string, value: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--${boundary}--\r\n`

const orderOfChecks: readonly Row[] = [
  ['an id that is none is not found', { to: '/v1/pulltasks/5' }, 404, 'Not Found'],
  ['before its method is looked at', { to: '/v1/pulltasks/x', method: 'PUT' }, 404, 'Not Found'],
  ['an unknown type is not found', { to: '/v1/containers' }, 404, 'Not Found'],
  ['nor is one that callers do not see', { to: '/v1/genericobjects' }, 404, 'Not Found'],
  ['nor an unknown schema', { to: '/v1/schemas/genericObject' }, 404, 'Not Found'],
  ['nor an unknown link', { to: '/v1/projects/1a2/hosts/1h6/instances' }, 404, 'Not Found'],
  ['nor anything behind', { to: '/v1/schemas/pulltask/more' }, 404, 'Not Found'],
  ['nor a link of what is not there', { to: '/v1/hosts/1h999/account' }, 404, 'Not Found'],
  ['an action of no schema is invalid', post('/v1/pulltasks/1pt3?action=explode'), 422, 'InvalidAction', 'action'],
  ['before existence is looked at', post('/v1/pulltasks/1pt999?action=explode'), 422, 'InvalidAction', 'action'],
  ['an inherited name is no action', post('/v1/pulltasks/1pt3?action=constructor'), 422, 'InvalidAction', 'action'],
  ['credentials have no restore', post('/v1/apikeys/1c999?action=restore'), 422, 'InvalidAction', 'action'],
  ['collections have no actions', post(`${tasks}?action=activate`), 422, 'InvalidAction', 'action'],
  ['an action of what is not there is not found', post('/v1/pulltasks/1pt999?action=activate'), 404, 'Not Found'],
  ['an action in another state', post('/v1/pulltasks/1pt3?action=purge'), 422, 'ActionNotAvailable', 'action'],
  ['an action is only looked at on POST', { to: '/v1/pulltasks/1pt3?action=explode' }, 200],
  ['an empty action is none', post('/v1/pulltasks/1pt3?action='), 405, 'Method not allowed'],
  ['no PUT of a pull task inside a project', put(`${tasks}/1pt3`, {}), 405, 'Method not allowed'],
  ['even of one that is not there', put(`${tasks}/1pt999`, {}), 405, 'Method not allowed'],
  ['no DELETE either', { to: `${tasks}/1pt999`, method: 'DELETE' }, 405, 'Method not allowed'],
  ['no POST of images', post('/v1/projects/1a2/images', {}), 405, 'Method not allowed'],
  ['no POST of hosts', post('/v1/projects/1a2/hosts', {}), 405, 'Method not allowed'],
  ['no POST to a base type', post('/v1/projects/1a2/credentials', {}), 405, 'Method not allowed'],
  ['no POST to a resource', post('/v1/projects/1a2/hosts/1h6', {}), 405, 'Method not allowed'],
  ['no POST to a link', post('/v1/projects/1a2/hosts/1h6/account', {}), 405, 'Method not allowed'],
  ['no DELETE of a collection', { to: tasks, method: 'DELETE' }, 405, 'Method not allowed'],
  ['no PATCH', { to: '/v1/hosts/1h6', method: 'PATCH' }, 405, 'Method not allowed'],
  ['no OPTIONS', { to: tasks, method: 'OPTIONS' }, 405, 'Method not allowed'],
  ['no HEAD', { to: tasks, method: 'HEAD' }, 405],
  ['schemas answer any method', { to: '/v1/schemas', method: 'PATCH' }, 200],
  ['so does the version', { to: '/v1', method: 'OPTIONS' }, 200],
  ['and the root', { to: '/', method: 'HEAD' }, 200],
  ['fields are checked before existence', put('/v1/hosts/1h999', { labels: 5 }), 422, 'InvalidFormat', 'labels'],
  ['existence comes last', put('/v1/hosts/1h999', {}), 404, 'Not Found'],
  ['a row of another type is not there', { to: '/v1/hosts/1h3' }, 404, 'Not Found'],
  ['nothing active is deleted', { to: '/v1/hosts/1h6', method: 'DELETE' }, 405, 'Method not allowed'],
]

const requests: readonly Row[] = [
  ['a body is JSON without a content type', post(tasks, '{"image":"busybox"}'), 201],
  ['and whatever it says', post(tasks, '{"image":"busybox"}', { 'content-type': 'text/xml' }), 201],
  ['even a form', post(tasks, '{"image":"busybox"}', form), 201],
  ['broken JSON', post(tasks, '{"image":'), 400, 'InvalidBodyContent'],
  ['bytes that are no text', post(tasks, Buffer.from([0xff, 0xfe])), 400, 'InvalidBodyContent'],
  ['text that cannot be stored', post(tasks, '{"image":"\\u0000"}'), 400, 'InvalidBodyContent'],
  ['JSON that is no object counts as nothing', post(tasks, '"busybox"'), 422, 'MissingRequired', 'image'],
  ['nor is an array', post(tasks, '[{"image":"busybox"}]'), 422, 'MissingRequired', 'image'],
  ['no body at all', post(tasks), 422, 'MissingRequired', 'image'],
  ['parameters of the query make one', post(`${tasks}?image=busybox`), 201],
  ['the body wins over them', post(`${tasks}?mode=bogus&image=x`, { mode: 'all' }), 201],
  ['and they are checked as well', post(`${tasks}?mode=bogus`, { image: 'x' }), 422, 'InvalidOption', 'mode'],
  ['a form makes one', post(tasks, 'image=busybox&mode=cached', form), 201],
  ['a multipart form too', post(tasks, part('image', 'busybox'), multipart), 201],
  ['a multipart form that is none', post(tasks, 'nonsense', multipart), 400, 'InvalidBodyContent'],
  ['one that is too large', post(tasks, part('image', 'x'.repeat(103_000)), multipart), 413, 'Request Entity Too Long'],
  ['any body that is too large', post(tasks, 'x'.repeat(300_000)), 413, 'Request Entity Too Long'],
  ['_method overrides', { to: `${tasks}?_method=POST&image=x` }, 201],
  ['_method overrides with what is refused', post(`${tasks}?_method=delete`), 405, 'Method not allowed'],
  ['a NUL in the query', post(`${tasks}?image=%00`), 422, 'InvalidCharacters', 'image'],
  ['a broken escape in the path', { to: '/v1/%zz' }, 404, 'Not Found'],
  ['a filter of text that cannot be stored finds nothing', { to: `${tasks}?name=%00` }, 200],
  ['a filter of a date that is none', { to: `${tasks}?created_gt=soon` }, 422, 'InvalidDateFormat', 'created'],
]

const fields: readonly Row[] = [
  ['required and missing', task({ image: undefined }), 422, 'MissingRequired', 'image'],
  ['required and null', task({ image: null }), 422, 'NotNullable', 'image'],
  ['empty text is there', task({ image: '' }), 201],
  ['nonsense is not looked into', task({ image: 'no such : image' }), 201],
  ['null with a default is the default', task({ mode: null }), 201],
  ['not among the options', task({ mode: 'bogus' }), 422, 'InvalidOption', 'mode'],
  ['a map given text', task({ labels: 'x' }), 422, 'InvalidFormat', 'labels'],
  ['a map given a list', task({ labels: [] }), 422, 'InvalidFormat', 'labels'],
  ['a map given null', task({ labels: null }), 422, 'NotNullable', 'labels'],
  ['a map of maps', task({ labels: { a: {} } }), 422, 'InvalidFormat', 'labels'],
  ['numbers and booleans become text', task({ labels: { a: 1, b: true }, name: 5 }), 201],
  ['text given an object', task({ image: {} }), 422, 'InvalidFormat', 'image'],
  ['too long', task({ name: 'x'.repeat(256) }), 422, 'MaxLengthExceeded', 'name'],
  ['as long as may be', task({ name: 'x'.repeat(255) }), 201],
  ['too short', post(registries, { serverAddress: '' }), 422, 'MinLengthExceeded', 'serverAddress'],
  ['too big', task({ retries: 101 }), 422, 'MaxLimitExceeded', 'retries'],
  ['too small', task({ timeoutSeconds: 0 }), 422, 'MinLimitExceeded', 'timeoutSeconds'],
  ['text becomes a number', task({ retries: '3' }), 201],
  ['other text does not', task({ retries: 'three' }), 422, 'InvalidFormat', 'retries'],
  ['half a number', task({ retries: 1.5 }), 422, 'InvalidFormat', 'retries'],
  ['a number beyond all', task({ retries: '1e999' }), 422, 'InvalidFormat', 'retries'],
  ['a percentage', task({ parallelism: '25%' }), 201],
  ['a number of hosts', task({ parallelism: 10 }), 201],
  ['of other characters', task({ parallelism: 'half' }), 422, 'InvalidCharacters', 'parallelism'],
  ['of another form', task({ parallelism: '101%' }), 422, 'InvalidFormat', 'parallelism'],
  ['an array given text', task({ hostIds: '1h6' }), 422, 'InvalidFormat', 'hostIds'],
  ['references', task({ hostIds: ['1h6'] }), 201],
  ['whose letters are not looked at', task({ hostIds: ['1zz6'] }), 201],
  ['references that are none', task({ hostIds: ['6'] }), 422, 'InvalidReference', 'hostIds'],
  ['references to nothing', task({ hostIds: ['1h999'] }), 422, 'InvalidReference', 'hostIds'],
  ['references to what was removed', task({ hostIds: ['1h9'] }), 422, 'InvalidReference', 'hostIds'],
  ['references to another type', task({ hostIds: ['1h3'] }), 422, 'InvalidReference', 'hostIds'],
  ['references to what is somebody else’s', task({ hostIds: ['1h7'] }), 422, 'InvalidReference', 'hostIds'],
  ['the first fault wins', task({ mode: 'bogus', labels: 5 }), 422, 'InvalidFormat', 'labels'],
  ['what may not be given is dropped', task({ status: 5, state: {}, accountId: 'x', id: [], nonsense: 1 }), 201],
  ['a required field may stay away from a PUT', put('/v1/hosts/1h6', { hostname: 5 }), 200],
  [
    'but is not null there',
    put('/v1/projects/1a2/registrycredentials/1c8', { email: null }),
    422,
    'NotNullable',
    'email',
  ],
]

let server: RancherServer

before(async () => {
  server = await RancherServer.start({ maxBodyBytes: 200_000 })
  const { resources } = server
  const row = { state: 'active', data: {} } as const
  await resources.create({ ...row, type: 'pullTask', owner: 2, data: { image: 'busybox' } })
  await resources.create({ ...row, type: 'project', owner: null, name: 'other' })
  await resources.create({ ...row, type: 'image', owner: 2, name: 'busybox:latest' })
  await resources.create({ ...row, type: 'host', owner: 2, name: 'host1' })
  await resources.create({ ...row, type: 'host', owner: 4, name: 'host2' })
  await resources.create({ ...row, type: 'registryCredential', owner: 2, data: { email: 'a@b' } })
  const gone = await resources.create({ ...row, type: 'host', owner: 2 })
  await resources.change(gone.key, ['active'], { state: 'removed', removed: new Date() })
})
after(() => server.close())

for (const [title, rows] of Object.entries({
  'The order of checks': orderOfChecks,
  'A request': requests,
  'A field': fields,
})) {
  describe(title, () => {
    for (const [rule, { to, ...call }, status, code, field] of rows) {
      it(rule, async () => {
        const answer = await server.call(to, call)
        const { json } = answer
        assert.equal(answer.status, status, answer.text)
        assert.match(String(answer.headers['x-api-schemas']), /^http:\/\/127\.0\.0\.1:\d+\/v.*\/schemas$/)
        if (code === undefined) return
        assert.deepEqual([json['status'], json['code'], json['fieldName']], [status, code, field])
      })
    }
  })
}

describe('An error', () => {
  it('has the keys of one, and no more (rancher-api §1.13)', async () => {
    const { json, headers } = await server.get('/v1/nonsense')
    const keys = ['id', 'type', 'links', 'actions', 'baseType', 'status', 'code', 'message', 'detail']
    assert.deepEqual(Object.keys(json), keys)
    assert.match(String(json['id']), /^[0-9a-f-]{36}$/)
    assert.deepEqual([json['type'], json['links'], json['actions'], json['message']], ['error', {}, {}, 'Not Found'])
    assert.equal(headers['content-type'], 'application/json; charset=utf-8')
  })

  it('has no message where code and field say all', async () => {
    const { json } = await server.post('/v1/projects/1a2/pulltasks', {})
    assert.deepEqual([json['code'], json['fieldName'], json['message']], ['MissingRequired', 'image', null])
  })

  it('is what operations say', async () => {
    await server.post(registries, { serverAddress: 'quay.io' })
    const { status, json } = await server.post(registries, { serverAddress: 'quay.io' })
    assert.deepEqual([status, json['code']], [409, 'Conflict'])
    assert.deepEqual(server.errors, [])
  })
})

describe('What is written', () => {
  it('is what the operations get: right types, defaults filled in, references by key', async () => {
    server.operations.asked.length = 0
    const given = { image: 'x', retries: '2', labels: { a: 1 }, hostIds: ['1h6'], state: 'purged', name: 7 }
    await server.post(tasks, given)
    const { verb, fields: got, by } = server.operations.asked[0] ?? {}
    assert.equal(verb, 'create pullTask')
    const written = { image: 'x', retries: 2, labels: { a: '1' }, hostIds: [6], name: '7' }
    assert.deepEqual(got, { ...written, mode: 'all', pullPolicy: 'Always' })
    assert.deepEqual([by?.role, by?.account, by?.project], ['project', 2, 2])
  })

  it('goes into the oldest project where an administrator names none', async () => {
    server.operations.asked.length = 0
    assert.equal((await server.post('/v1/pulltasks', { image: 'x' })).json['accountId'], '1a2')
    assert.deepEqual(server.operations.asked[0]?.by, { role: 'admin', account: 1, project: 2, name: 'admin' })
  })

  it('tells a secret to its maker once', async () => {
    const { status, json, headers } = await server.post('/v1/apikeys', {})
    assert.deepEqual([status, json['publicValue'], json['secretValue']], [201, 'PUBLIC', 'SECRET'])
    assert.equal((json['links'] as Record<string, string>)['self'], headers['location'])
    const later = await server.get(String(headers['location']))
    assert.deepEqual([later.status, later.json['secretValue']], [200, null])
  })

  it('changes name and description of a pull task for administrators', async () => {
    const { status, json } = await server.call('/v1/pulltasks/1pt3', {
      method: 'PUT',
      body: { name: 'n', image: 'no' },
    })
    assert.deepEqual([status, json['name'], json['image']], [200, 'n', 'busybox'])
  })
})
