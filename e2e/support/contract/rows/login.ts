import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'

/** pulp2-api §12: login; and the server's public key, §14. */
export const login: readonly Operation[] = [
  {
    section: '§12',
    method: 'POST',
    path: '/pulp/api/v2/actions/login/',
    does: 'Get a key and a certificate that prove who one is for seven days',
    // Whoever makes a user grants them this (pulp2-api §1.6).
    rights: ['user'],
    cases: [
      {
        status: 200,
        when: 'with both and nothing else',
        arrange: () => ({}),
        check: ({ answer }) => {
          assert.deepEqual(Object.keys(Object(answer.body)).sort(), ['certificate', 'key'])
          const certificate = new X509Certificate(String(valueAt(answer.body, 'certificate')))
          assert.match(certificate.subject, /^CN=admin:admin:[0-9a-f]{24}$/)
          assert.ok(certificate.checkPrivateKey(createPrivateKey(String(valueAt(answer.body, 'key')))))
        },
      },
    ],
  },
  {
    section: '§14',
    method: 'GET',
    path: '/pulp/static/rsa_pub.key',
    does: 'Read the public key of the server',
    rights: ['public'],
    cases: [
      {
        status: 200,
        when: 'as PEM',
        form: 'plain',
        arrange: () => ({}),
        check: ({ answer }) => assert.match(answer.text, /^-----BEGIN PUBLIC KEY-----\n/),
      },
    ],
  },
]
