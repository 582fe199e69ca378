import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RancherServer } from '../../testing/rancher-server.ts'
import { types } from './types/index.ts'

const numRuns = process.env['DECKLE_TEST_LONG'] === '1' ? 20_000 : 1000

const name = fc.constantFrom(
  ...types.flatMap(({ id, plural }) => [id, plural.toLowerCase()]),
  'static',
  'constructor',
  '__proto__',
)
const id = fc.constantFrom(
  '1a1',
  '1a2',
  '1h3',
  '1pt4',
  '1x9999999999999999',
  '1a-1',
  '5',
  '__proto__',
  '1sp1e3',
  '%00',
  '%zz',
  'ä',
)
const link = fc.constantFrom('account', 'hosts', 'credentials', 'hostpulls', 'toString', '1h3', '')
const junk = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('%00', '%ff', '\u0001', '/', '..', '?', '&', '=', '%2f', '😀'),
)
const segment = fc.oneof({ weight: 4, arbitrary: name }, { weight: 3, arbitrary: id }, link, junk)
const parameter = fc.tuple(
  fc.oneof(
    fc.constantFrom(
      'limit',
      'marker',
      'sort',
      'order',
      'include',
      'action',
      '_method',
      '_format',
      '_role',
      '_plainId',
      'projectId',
    ),
    fc.constantFrom(
      'id',
      'created_gt',
      'accountId_ne',
      'name_like',
      'kind',
      'image',
      'labels',
      'hostIds',
      'retries',
      '__proto__',
    ),
    junk,
  ),
  fc.oneof(
    fc.constantFrom(
      '',
      'm-1',
      'm1e9',
      'm999999999999999',
      'activate',
      'remove',
      'POST',
      'PUT',
      'DELETE',
      'html',
      '1a2',
      'account',
    ),
    fc.constantFrom(
      '%',
      '_%_',
      '\\',
      '1e400',
      '-1',
      'now',
      '9999-12-31T23:59:59Z',
      '8640000000000001',
      'é',
      '\0',
      '\ud800',
    ),
    junk,
  ),
)
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, '', 1e308, -0, '1h3', ['1h3', null], { a: { b: null } }),
)
const member = fc.oneof(
  fc.constantFrom(...types.flatMap(({ fields }) => Object.keys(fields)), '__proto__', 'toString'),
  junk,
)
const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(fc.tuple(member, value), { maxLength: 5 })
      .map((list) => JSON.stringify(Object.fromEntries(list))),
  },
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '',
    '[]',
    'null',
    '{"a":',
    '{"image":"x","image":1e999}',
    '['.repeat(5000),
    '"\\ud800"',
    'image=x&labels=%',
  ),
)
const header = fc.constantFrom(
  ...['Content-Type: multipart/form-data', 'Content-Type: multipart/form-data; boundary=x', 'Accept: text/html'],
  ...[
    'Content-Type: application/x-www-form-urlencoded',
    'User-Agent: Mozilla/5.0',
    'Cookie: CSRF=0123456789; CSRF=',
    'Host: "<',
  ],
  ...[
    'X-API-Project-Id: 1a2',
    'X-API-Project-Id: %00',
    'X-Forwarded-Host: \xff<>',
    'X-Forwarded-Port: 99999',
    'X-Forwarded-Proto: ,,',
  ],
  ...[
    'Authorization: Basic \xff\xfe',
    'X-Request-Id: \xe4',
    'X-API-CSRF: 0123456789',
    'Sec-Fetch-Site: cross-site',
    'Connection: upgrade',
  ],
)
const request = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS', 'PROPFIND'),
  version: fc.constantFrom(
    '/v1',
    '/v2-beta',
    '//v1//',
    '/v1/projects/1a2',
    '/v1/projects/%00',
    '/v1/projects/1a2/projects/1a2',
  ),
  segments: fc.oneof(
    { weight: 3, arbitrary: fc.tuple(name) },
    { weight: 3, arbitrary: fc.tuple(name, id) },
    fc.tuple(name, id, link),
    fc.array(segment, { maxLength: 4 }),
  ),
  query: fc.array(parameter, { maxLength: 4 }),
  headers: fc.oneof(fc.constant([]), fc.array(header, { maxLength: 3 })),
  body,
})

describe('A request of any shape', () => {
  it('has an answer that is JSON or a page, never a failure of ours', async () => {
    await using server = await RancherServer.start({ maxBodyBytes: 4000 })
    await server.resources.create({ type: 'host', owner: 2, state: 'active', data: {} })
    await server.resources.create({ type: 'pullTask', owner: 2, state: 'inactive', data: { image: 'x' } })
    const seen = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(request, async ({ method, version, segments, query, headers, body: sent }) => {
        const path = [version, ...segments.map((one) => one.replaceAll(/[^!-~]/gu, encode))].join('/')
        const parameters = query.map(([key, given]) => `${encode(key)}=${encode(given)}`).join('&')
        const answer = await exchange(server.origin, `${method} ${path}?${parameters}`, headers, sent)
        const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])
        seen.set(status, (seen.get(status) ?? 0) + 1)
        assert.ok(status < 500, `${method} ${path}?${parameters} ${sent}: ${answer} ${server.errors}`)
        if (status === 418 || answer.startsWith('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')) return
        assert.match(
          answer,
          method === 'HEAD' ? /\r\n\r\n$/ : /\r\n\r\n(?:\{.*\}$|<!DOCTYPE html>|\/\*|\n:root|'use strict')/s,
        )
      }),
      { numRuns },
    )
    assert.deepEqual(server.errors, [])
    for (const status of [200, 201, 403, 404, 405, 422]) assert.ok(seen.has(status), `no ${status}: ${[...seen]}`)
  })
})

function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed())
}

async function exchange(origin: string, line: string, headers: readonly string[], body: string): Promise<string> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  const bytes = Buffer.from(body)
  const names = new Set(headers.map((one) => one.split(':')[0]))
  const own = [...(names.has('Host') ? [] : ['Host: h']), 'Connection: close']
  const head = [`${line} HTTP/1.1`, ...own, ...new Set(headers), `Content-Length: ${bytes.length}`, '', ''].join('\r\n')
  socket.write(Buffer.concat([Buffer.from(head, 'latin1'), bytes]))
  return text(socket)
}
