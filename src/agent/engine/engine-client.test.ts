import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { eventually } from '../../testing/eventually.ts'
import { FakeEngine } from '../../testing/fake-engine.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { EngineClient } from './engine-client.ts'
import { registryAuth } from './engine-image.ts'
import { engineFinder, socketPath, usualSockets } from './find-engine.ts'

const one = { repository: '127.0.0.1:5100/team/app', tag: 'one', digest: null }
const oneDigest = 'sha256:c3f8ac5474e853980fd59d02223b130187802e266a69173c5106520a8292e37e'
const indexDigest = 'sha256:bdaefcb1782ceee32f1421c6dad19349132fb3cf105c4c8c178a131af9cf2581'
const kinds = ['docker', 'podman'] as const

async function started(kind: (typeof kinds)[number], close: (end: () => Promise<void>) => void) {
  const fake = await FakeEngine.start(kind, await temporaryFolder())
  close(() => fake.stop())
  return { fake, engine: await EngineClient.at(fake.socket) }
}

async function drained(engine: EngineClient): Promise<string[]> {
  const statuses: string[] = []
  for await (const { status } of engine.pull(one, undefined, new AbortController().signal)) statuses.push(status ?? '')
  return statuses
}

describe('An engine behind its socket', () => {
  test('tells which one it is', async (context) => {
    const names = await Promise.all(
      kinds.map(async (kind) => (await started(kind, (end) => context.after(end))).engine),
    )
    assert.deepEqual(
      names.map(({ name, tellsBytes, architecture }) => [name, tellsBytes, architecture]),
      [
        ['docker 20.10.24', true, 'amd64'],
        ['podman 4.3.1', false, 'amd64'],
      ],
    )
  })

  for (const kind of kinds) {
    test(`lists the names that ${kind} has for its images`, async (context) => {
      const { engine } = await started(kind, (end) => context.after(end))
      const images = await engine.images()
      assert.equal(images.length, 2)
      const names = images.flatMap((image) => image.names)
      assert.ok(names.includes('127.0.0.1:5100/team/app:one'), String(names))
      assert.ok(names.includes(`127.0.0.1:5100/team/app@${indexDigest}`), String(names))
      assert.ok(images.every(({ id, size }) => /^sha256:/.test(id) && size > 3_000_000))
    })

    test(`finds the digest that a tag stands for in ${kind}, of the index where there is one`, async (context) => {
      const { engine } = await started(kind, (end) => context.after(end))
      assert.equal(await engine.digestOf(one), oneDigest)
      assert.equal(await engine.digestOf({ ...one, tag: 'index' }), indexDigest)
      assert.equal(await engine.digestOf({ ...one, tag: 'nope' }), undefined)
    })

    test(`knows which images are there in ${kind}`, async (context) => {
      const { engine, fake } = await started(kind, (end) => context.after(end))
      fake.present.add('127.0.0.1:5100/team/app:one')
      assert.equal(await engine.has(one), true)
      assert.equal(await engine.has({ ...one, tag: 'nope' }), false)
    })

    for (const [recording, said] of [
      ['missingTag', /manifest unknown/],
      ['unauthorized', /no basic auth credentials|authentication required/],
      ['wrongPassword', /authentication required/],
      ['refused', /connection refused/],
    ] as const) {
      test(`fails with ${kind}'s own words: ${recording}`, async (context) => {
        const { engine, fake } = await started(kind, (end) => context.after(end))
        fake.answerTo = () => recording
        await assert.rejects(drained(engine), said)
      })
    }
  }

  test('fails when the engine goes away in the middle, or says no JSON', async (context) => {
    const { engine, fake } = await started('docker', (end) => context.after(end))
    fake.gate = new Promise(() => undefined)
    const pulling = assert.rejects(drained(engine), /the engine ended the connection/)
    await eventually(() => fake.pulls.length > 0)
    fake.drop()
    await pulling
    const { engine: other, fake: babbler } = await started('podman', (end) => context.after(end))
    babbler.answerTo = () => ({ status: 200, body: '<html>\n' })
    await assert.rejects(drained(other), /not JSON/)
  })

  test('gets credentials in base64 for URLs, padded', () => {
    const credential = { serverAddress: 'https://docker.io', username: 'ü', password: '??>>~~', email: 'a' }
    const auth = registryAuth(credential)
    assert.match(auth, /^[\w-]+={0,2}$/)
    assert.equal(auth.length % 4, 0)
    assert.deepEqual(JSON.parse(Buffer.from(auth, 'base64').toString()), {
      username: 'ü',
      password: '??>>~~',
      email: 'a',
      serveraddress: 'https://index.docker.io',
    })
  })
})

describe('Looking for an engine', () => {
  test('takes the first socket that answers, and stays with it', async (context) => {
    const folder = await temporaryFolder()
    const podman = await FakeEngine.start('podman', folder)
    context.after(() => podman.stop())
    const find = engineFinder([join(folder, 'docker.sock'), podman.socket])
    assert.equal((await find()).name, 'podman 4.3.1')
    const docker = await FakeEngine.start('docker', folder)
    context.after(() => docker.stop())
    assert.equal((await find()).name, 'podman 4.3.1')
  })

  test('names all the sockets that it tried, with the reason of each', async (context) => {
    const folder = await temporaryFolder()
    const other = createServer((_request, response) => response.end('{}'))
    await new Promise<void>((resolve) => other.listen(join(folder, 'other.sock'), resolve))
    context.after(() => new Promise((resolve) => other.close(resolve)))
    await assert.rejects(engineFinder([join(folder, 'none.sock'), join(folder, 'other.sock')])(), (error: Error) => {
      assert.match(error.message, /none\.sock \(there is no such socket\)/)
      assert.match(error.message, /other\.sock \(what answers is no container engine\)/)
      assert.match(error.message, /--engine/)
      return true
    })
  })

  test('looks where Docker and Podman listen, for the host and for the user', () => {
    assert.deepEqual(usualSockets({ DOCKER_HOST: 'tcp://x', XDG_RUNTIME_DIR: '/run/user/7' }), [
      '/run/docker.sock',
      '/var/run/docker.sock',
      '/run/podman/podman.sock',
      '/run/user/7/docker.sock',
      '/run/user/7/podman/podman.sock',
    ])
    assert.equal(usualSockets({ DOCKER_HOST: 'unix:///own.sock' })[0], '/own.sock')
    assert.equal(socketPath('unix:///a/b'), '/a/b')
    assert.throws(() => socketPath('tcp://127.0.0.1:2375'), /--engine/)
  })
})
