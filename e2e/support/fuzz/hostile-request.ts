import type { Route } from '../../../src/http/kit/route.ts'
import type { SeededRandom } from '../../../src/testing/seeded-random.ts'
import { deepJson, hostileBody, hostileCriteria, hostileJson } from './hostile-json.ts'
import { type Hostility, hostileEncoded, hostileText } from './hostile-text.ts'
import type { RawRequest } from './raw-request.ts'

/** A request to a route with something wrong: rarely all of it, so that it gets past the first check. */
export function hostileRequest(random: SeededRandom, known: Hostility, route: Route, token: string): RawRequest {
  const [method, wrongMethod] = [route.method, random.pick(['PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'DELETE'])]
  const body = hostileBytes(random, known, route)
  return {
    method: random.below(30) === 0 ? (wrongMethod ?? method) : method,
    target: hostileTarget(random, known, route),
    headers: [...hostileAuthorization(random, token), ...hostileHeaders(random)],
    body,
    ...(random.below(40) === 0 && {
      contentLength: random.pick(['0', '-1', 'x', String(body.length + 5), '1e3']) ?? '',
    }),
  }
}

function hostileTarget(random: SeededRandom, known: Hostility, route: Route): string {
  const path = (random.below(3) === 0 && knownPath(random, known, route)) || filledPath(random, known, route)
  const spoiled = random.below(25) === 0 ? path.replaceAll('/', '//') : path
  const cut = random.below(25) === 0 ? spoiled.slice(0, -1) : spoiled
  return random.below(3) > 0 || route.query !== undefined ? cut + hostileQuery(random, known, route) : cut
}

/** Leads to something that exists. */
function knownPath(random: SeededRandom, { hrefs }: Hostility, route: Route): string | undefined {
  const pattern = new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`)
  return random.pick([...hrefs].filter((href) => pattern.test(href)))
}

function filledPath(random: SeededRandom, known: Hostility, route: Route): string {
  return route.path.replaceAll(/:\w+/g, () =>
    random.below(2) === 0 ? encodeURIComponent(random.pick(known.ids) ?? '') : hostileEncoded(random, known) || 'x',
  )
}

const parameters = [
  'details',
  'tag',
  'state',
  'limit',
  'skip',
  'sort',
  'filters',
  'field',
  'fields',
  'start_date',
  '__proto__',
]

function hostileQuery(random: SeededRandom, known: Hostility, route: Route): string {
  const names = [...Object.keys(route.query ?? {}), ...Object.keys(route.query ?? {}), ...parameters]
  const pairs = Array.from({ length: random.below(4) }, () => {
    const name = random.pick(names) ?? ''
    if (name === 'filters') return `filters=${encodeURIComponent(filterText(random, known))}`
    if (name === 'sort') return `sort=${encodeURIComponent(hostileJson(random, known, 2).toWellFormed())}`
    return `${name}=${hostileEncoded(random, known)}`
  })
  if (random.below(20) === 0) pairs.push(random.pick(['&&=&', '=', '?', '%', 'a'.repeat(6_000), ';', '+']) ?? '')
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function filterText(random: SeededRandom, known: Hostility): string {
  const criteria = hostileCriteria(random, known).toWellFormed()
  return /^\{"filters":(.*)\}$/s.exec(criteria)?.[1] ?? criteria
}

function hostileBytes(random: SeededRandom, known: Hostility, route: Route): Buffer {
  if (route.body === 'none' && random.below(4) > 0) return Buffer.alloc(0)
  const kind = random.below(20)
  if (kind === 0) return Buffer.from(deepJson(random))
  if (kind === 1) return Buffer.from([0x7b, 0x22, 0xff, random.below(256), 0x22, 0x3a, 0x31, 0x7d])
  if (kind === 2)
    return Buffer.from(
      random.pick(['', ' ', '{', '{"a":1,}', 'NaN', '{"a":\u0001}', '\ufeff{}', 'x'.repeat(1e6)]) ?? '',
    )
  if (kind === 3) return Buffer.from(hostileJson(random, known))
  if (kind === 4) return Buffer.from(`{"criteria":${hostileCriteria(random, known)}}`)
  if (route.body === 'array') return Buffer.from(`[${hostileJson(random, known)},${hostileJson(random, known, 3)}]`)
  return Buffer.from(hostileBody(random, known, route.shape?.schema ?? {}))
}

function hostileAuthorization(random: SeededRandom, token: string): readonly string[] {
  const kind = random.below(25)
  if (kind > 1) return [`Authorization: Bearer ${token}${kind === 2 ? ', Basic' : ''}`]
  const wrong = [
    `admin:${hostileText(random, { ids: ['x'], hrefs: new Set() })}`,
    '\u0000:x',
    'a\u0000:b',
    '',
    ':',
    '\ud800:x',
    'admin',
  ]
  const header = random.pick([
    `Basic ${Buffer.from(random.pick(wrong) ?? '').toString('base64')}`,
    ...['Basic', 'Basic ====', 'Bearer', `Bearer ${'x'.repeat(3_000)}`, 'OAuth a="b"', '\xff\xfe', ', ,', 'Digest x'],
  ])
  return [`Authorization: ${header}`]
}

function hostileHeaders(random: SeededRandom): readonly string[] {
  const wrong = [
    ...['Content-Type: \xff', 'Content-Type: multipart/form-data', 'Content-Type: application/json; charset=utf-16'],
    ...[
      'X-Forwarded-Host: evil',
      'X-Forwarded-Proto: \x09',
      'X-Request-Id: \xff\xff',
      `X-Request-Id: ${'x'.repeat(500)}`,
    ],
    ...[
      'Expect: 100-continue',
      'If-None-Match: *',
      'Range: bytes=-1',
      'Accept-Encoding: gzip;q=x',
      'Content-Encoding: gzip',
    ],
    ...['Cookie: a', 'Transfer-Encoding: chunked', 'Upgrade: h2c', `X-Long: ${'x'.repeat(20_000)}`],
  ]
  return random.below(6) === 0 ? [random.pick(wrong) ?? ''] : []
}
