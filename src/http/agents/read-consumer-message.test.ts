import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import { readConsumerMessage as readOfServer } from '../../agent/consumer/read-consumer-message.ts'
import { ConsumerAgentMessage, ConsumerServerMessage } from '../../wire/agent/consumer-messages.ts'
import { readConsumerMessage } from './read-consumer-message.ts'

const text = fc.string({ minLength: 1 })
const object = fc.dictionary(text, fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value)))
const record = <T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) => fc.record(model, { noNullPrototype: true })
const is = <Kind extends string>(kind: Kind) => fc.constant(kind)

const ofAgents: fc.Arbitrary<ConsumerAgentMessage> = fc.oneof(
  record({ kind: is('accepted'), task: text }),
  record({ kind: is('started'), task: text }),
  record({ kind: is('progress'), task: text, report: object }),
  record({ kind: is('end'), task: text, result: object }),
  record({ kind: is('end'), task: text, error: text }),
  record({ kind: is('alive'), tasks: fc.array(text) }),
  record({ kind: is('profile'), contentType: text, profile: object }),
  record({
    ...{ kind: is('hello'), certificate: text, host: text, signature: text, version: text },
    tasks: fc.array(text),
  }),
)
const ofServers: fc.Arbitrary<ConsumerServerMessage> = fc.oneof(
  record({ kind: is('challenge'), nonce: text }),
  record({ kind: is('welcome'), consumer: text, aliveSeconds: fc.integer({ min: 1, max: 3600 }) }),
  record({ kind: is('dismissed'), reason: text }),
  record({ kind: is('cancel'), task: text }),
  record({ kind: is('ack'), task: text }),
  record({ kind: is('task'), task: text, operation: text, arguments: object }),
)

const sides = [
  ['an agent', ofAgents, readConsumerMessage, ConsumerAgentMessage],
  ['a server', ofServers, readOfServer, ConsumerServerMessage],
] as const

for (const [who, messages, read, schema] of sides) {
  describe(`a message of ${who} about a consumer`, () => {
    it('is read as it was written, whatever a newer one adds', () => {
      fc.assert(
        fc.property(messages, (message) => {
          assert.deepEqual(read(JSON.stringify({ ...message, novelty: 1 })), message)
        }),
      )
    })

    it('is one of the wire, or none', () => {
      const members = ['kind', 'task', 'tasks', 'report', 'result', 'arguments', 'nonce', 'aliveSeconds']
      const damage = fc.dictionary(fc.constantFrom(...members), fc.jsonValue())
      fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), fc.tuple(messages, damage)), (value) => {
          const sent = Array.isArray(value) ? { ...Object(value[0]), ...Object(value[1]) } : value
          const message = read(JSON.stringify(sent))
          assert.ok(message === undefined || Value.Check(schema, message))
        }),
      )
      for (const broken of ['', '{', 'null', '{"kind":"news"}']) assert.equal(read(broken), undefined)
    })
  })
}
