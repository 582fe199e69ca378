import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseImageName } from './image-name.ts'

const digest = `sha256:${'a'.repeat(64)}`

/** Text → registry, repository, tag, full name (rancher-api §3.5, §4.1). */
const spellings: readonly (readonly [string, string, string, string | null, string])[] = [
  ['busybox', 'index.docker.io', 'busybox', 'latest', 'busybox:latest'],
  ['docker:busybox', 'index.docker.io', 'busybox', 'latest', 'busybox:latest'],
  ['sim:foo', 'index.docker.io', 'foo', 'latest', 'foo:latest'],
  ['docker:busybox:1.24', 'index.docker.io', 'busybox', '1.24', 'busybox:1.24'],
  ['library/busybox', 'index.docker.io', 'library/busybox', 'latest', 'busybox:latest'],
  ['docker.io/library/busybox:1', 'index.docker.io', 'docker.io/library/busybox', '1', 'busybox:1'],
  ['index.docker.io/ns/app', 'index.docker.io', 'index.docker.io/ns/app', 'latest', 'ns/app:latest'],
  ['library/ns/app', 'index.docker.io', 'library/ns/app', 'latest', 'library/ns/app:latest'],
  ['quay.io/library/app', 'quay.io', 'quay.io/library/app', 'latest', 'quay.io/library/app:latest'],
  ['quay.io/ns/app:tag', 'quay.io', 'quay.io/ns/app', 'tag', 'quay.io/ns/app:tag'],
  ['localhost/app', 'localhost', 'localhost/app', 'latest', 'localhost/app:latest'],
  ['localhost:5000/app', 'localhost:5000', 'localhost:5000/app', 'latest', 'localhost:5000/app:latest'],
  ['docker:5000/app:1', 'docker:5000', 'docker:5000/app', '1', 'docker:5000/app:1'],
  ['[::1]:5000/app', '[::1]:5000', '[::1]:5000/app', 'latest', '[::1]:5000/app:latest'],
  [
    'reg.example.com:5000/a/b/c',
    'reg.example.com:5000',
    'reg.example.com:5000/a/b/c',
    'latest',
    'reg.example.com:5000/a/b/c:latest',
  ],
  [`busybox@${digest}`, 'index.docker.io', 'busybox', null, `busybox@${digest}`],
  [`quay.io/a/b:1@${digest}`, 'quay.io', 'quay.io/a/b', null, `quay.io/a/b@${digest}`],
]

const unpullable = [
  '',
  ' ',
  'docker:',
  'Busybox',
  'busy box',
  'a//b',
  '/a',
  'a/',
  'a:',
  'a:b c',
  'a:-x',
  `a@${digest}@${digest}`,
  'a@sha256:12',
  'a@md5:00',
  '../a',
  'a/../b',
  'quay.io/',
  'http://quay.io/a',
  'a\n',
  `a:${'t'.repeat(129)}`,
  '-a',
  'a-',
  'bad_host.io:x/a',
]

describe('an image name', () => {
  for (const [text, registry, repository, tag, fullName] of spellings) {
    it(`understands ${text}`, () => {
      const digested = tag === null ? digest : null
      assert.deepEqual(parseImageName(text), { registry, repository, tag, digest: digested, fullName })
    })
  }

  it('comes out the same from its full name', () => {
    for (const [text] of spellings) {
      const name = parseImageName(text)
      const again = parseImageName(name?.fullName ?? '')
      assert.deepEqual([again?.fullName, again?.registry], [name?.fullName, name?.registry])
    }
  })

  for (const text of unpullable) {
    it(`is not ${JSON.stringify(text.slice(0, 20))}`, () => assert.equal(parseImageName(text), undefined))
  }
})
