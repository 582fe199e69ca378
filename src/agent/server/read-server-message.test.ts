import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import { ServerMessage } from '../../wire/agent/messages.ts'
import { readServerMessage } from './read-server-message.ts'

const count = fc.nat()
const text = fc.string({ minLength: 1 })
const textOrNull = fc.option(text)
const credential = fc.record(
  { serverAddress: text, username: text, password: text, email: fc.string() },
  { noNullPrototype: true },
)
const messages: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({ kind: fc.constant('welcome' as const), host: text, aliveSeconds: count }),
  fc.record({ kind: fc.constant('cancel' as const), pull: count }),
  fc.record({ kind: fc.constant('ack' as const), pull: count, attempt: count }),
  fc.record(
    {
      kind: fc.constant('pull' as const),
      pull: count,
      attempt: count,
      repository: text,
      tag: textOrNull,
      digest: textOrNull,
      onlyIfPresent: fc.boolean(),
      onlyIfAbsent: fc.boolean(),
      timeoutSeconds: fc.option(count),
      credential,
    },
    {
      requiredKeys: [
        ...(['kind', 'pull', 'attempt', 'repository', 'tag', 'digest'] as const),
        ...(['onlyIfPresent', 'onlyIfAbsent', 'timeoutSeconds'] as const),
      ],
    },
  ),
)

describe('A message of the server', () => {
  test('is read as it was written, whatever a newer server adds', () => {
    fc.assert(
      fc.property(messages, (message) => {
        assert.deepEqual(readServerMessage(JSON.stringify({ ...message, novelty: 1 })), { ...message })
      }),
    )
  })

  test('is one of the wire, or none', () => {
    const values = fc.oneof(
      fc.jsonValue(),
      fc.tuple(
        messages,
        fc.dictionary(fc.constantFrom('kind', 'pull', 'attempt', 'tag', 'credential'), fc.jsonValue()),
      ),
    )
    fc.assert(
      fc.property(values, (value) => {
        const [message, damage] = Array.isArray(value) ? value : [value, {}]
        const merged = typeof message === 'object' ? { ...message, ...Object(damage) } : message
        const read = readServerMessage(JSON.stringify(merged))
        assert.ok(read === undefined || Value.Check(ServerMessage, read))
      }),
    )
    for (const broken of ['', '{', '{"kind":"welcome","host":"1h1"}'])
      assert.equal(readServerMessage(broken), undefined)
  })
})
