import type { SeededRandom } from '../../../src/testing/seeded-random.ts'

/** What wrong requests are made of besides chance: things that exist, so that they get far. */
export interface Hostility {
  /** Ids of every kind. */
  readonly ids: readonly string[]
  /** Paths that the server has told. */
  readonly hrefs: ReadonlySet<string>
}

const texts = [
  ...['', ' ', 'x', '0', '-1', 'true', 'null', '*****', '..', '../../etc/passwd', 'a/b', 'a b', '%00', '%2e%2e%2f'],
  ...['__proto__', 'constructor', 'toString', "'; DROP TABLE task; --", '$where', '{"$gt":""}', '\u0000', 'a\u0000b'],
  ...['\ud800', '\udfff\ud800', '\ufeffx', '\u202ex', '😀', 'é'.repeat(300), 'ﬁ', '\r\nX-Injected: 1', '<script>'],
  ...['PT1H', 'R3/PT30S', 'R0/PT1S', '2014-01-28T10:35:08Z/P1D', 'P999999999Y', '275760-09-13T00:00:00Z/P1M', 'PT'],
  ...[
    '2016-04-29T16:28:08Z',
    '0000-00-00T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-23:59',
    '2016-04-29',
    '+275760-09-13T00:00:01Z',
    '9999-12-31T23:59:60Z',
  ],
  ...[
    '/v2/repositories/',
    '/',
    'READ',
    'pulp:action:sync',
    'ascending',
    'finished',
    'file:///etc/passwd',
    'http://[::1',
  ],
  ...['http://user:pw@127.0.0.1:1/', 'ftp://x', '00000000-0000-4000-8000-000000000000', '0123456789abcdef01234567'],
]

export function hostileText(random: SeededRandom, { ids }: Hostility): string {
  const kind = random.below(20)
  if (kind < 8) return random.pick(ids) ?? ''
  if (kind === 8) return 'x'.repeat(random.pick([300, 5_000, 100_000]) ?? 0)
  if (kind === 9) return String.fromCharCode(...Array.from({ length: 8 }, () => random.below(0x10000)))
  return random.pick(texts) ?? ''
}

/** A segment or a value of a query as bytes: encoded, or raw and wrong. */
export function hostileEncoded(random: SeededRandom, known: Hostility): string {
  const kind = random.below(10)
  if (kind === 0)
    return random.pick(['%', '%z', '%zz', '%00', '%ff', '%c3%28', '%ed%a0%80', '%2f', '%252f', '%E2%82']) ?? ''
  if (kind === 1)
    return random.pick(['\xff\xfe', '\x7f', '"', '<>', '\\', '^`{|}', 'x'.repeat(5_000), '%41'.repeat(2_000)]) ?? ''
  return encodeURIComponent(hostileText(random, known).toWellFormed())
}
