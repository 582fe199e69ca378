import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { AgentProcess } from './support/agent-process.ts'
import { requireClients } from './support/clients.ts'
import { type ContainerEngine, startDocker, startPodman } from './support/container-engines.ts'
import { Fleet } from './support/fleet.ts'
import { freePort, ImageRegistry } from './support/image-registry.ts'
import { NarrowPassage } from './support/narrow-passage.ts'
import { sharedServer, startServer, testFolder } from './support/servers.ts'

const needed = {
  ...requireClients('curl', 'docker', 'dockerd', 'docker-registry', 'htpasswd', 'podman', 'skopeo'),
  timeout: 180_000,
}

onOneDatabase('a rollout over dockerd and podman', (fresh) => {
  const server = sharedServer(fresh)

  async function twoEngines(t: TestContext, project: string, registry: string) {
    const [docker, podman] = await Promise.all([startDocker(t), startPodman(t, [registry])])
    const fleet = await Fleet.in(server(), project)
    await fleet.join(t, 'docker', 'zone=eu', docker.socket)
    await fleet.join(t, 'podman', 'zone=us', podman.socket)
    return { docker, podman, fleet }
  }

  test('brings an image into both, a missing one into none, and refreshes only what is there', needed, async (t) => {
    const registry = await ImageRegistry.start(t)
    await registry.push('team/app:one', 300_000)
    await registry.push('team/app:two')
    const { docker, podman, fleet } = await twoEngines(t, 'engines', registry.address)
    const [one, two] = [`${registry.address}/team/app:one`, `${registry.address}/team/app:two`]

    const done = await fleet.pull(one)
    assert.deepEqual([done['state'], done['status']], ['active', { docker: 'Done', podman: 'Done' }])
    assert.deepEqual(await imagesOf(docker, podman), [[one], [one]])
    const pulls = (await fleet.gdapi.followList(done, 'hostPulls')).data
    assert.deepEqual(
      pulls.map(({ phase, bytes, totalBytes }) => [phase, bytes === totalBytes]),
      [
        ['done', true],
        ['done', true],
      ],
    )
    assert.equal(new Set(pulls.map(({ digest }) => digest)).size, 1)

    const missing = await fleet.pull(`${registry.address}/team/app:nope`)
    assert.deepEqual([missing['state'], missing['transitioning']], ['active', 'no'])
    for (const text of Object.values(missing['status'] as Record<string, string>)) {
      assert.match(text, /^Image \[127\.0\.0\.1:\d+\/team\/app:nope\] failed to pull: .*manifest unknown/)
    }

    assert.equal((await fleet.pull(two, { hostIds: [String(pulls[0]?.['hostId'])] }))['state'], 'active')
    const before = await imagesOf(docker, podman)
    assert.deepEqual(before.map((names) => names.includes(two)).sort(), [false, true])
    const cached = await fleet.pull(two, { mode: 'cached' })
    assert.deepEqual(cached['status'], { docker: 'Done', podman: 'Done' })
    assert.deepEqual(await imagesOf(docker, podman), before)
  })

  test('logs in where the project has a credential', needed, async (t) => {
    const registry = await ImageRegistry.start(t, { username: 'alice', password: 's3cret' })
    await registry.push('team/app:one')
    const { docker, podman, fleet } = await twoEngines(t, 'login', registry.address)
    const image = `${registry.address}/team/app:one`
    const refused = await fleet.pull(image)
    assert.deepEqual(
      Object.values(refused['status'] as object).filter((text) => text === 'Done'),
      [],
    )
    const { gdapi } = fleet
    const known = await gdapi.waitSuccess(await gdapi.create('registry', { serverAddress: registry.address }))
    const login = { registryId: known.id, email: 'a@example.com', publicValue: 'alice', secretValue: 's3cret' }
    await gdapi.waitSuccess(await gdapi.create('registryCredential', login))
    assert.deepEqual((await fleet.pull(image))['status'], { docker: 'Done', podman: 'Done' })
    assert.deepEqual(await imagesOf(docker, podman), [[image], [image]])
    assert.doesNotMatch(server().log, /s3cret/)
  })
})

onOneDatabase('a rollout over dockerd in which everything dies', (fresh) => {
  test('ends with the image on the host', needed, async (t) => {
    const registry = await ImageRegistry.start(t)
    const bytes = 4_000_000
    await registry.push('team/large:one', bytes)
    const passage = await NarrowPassage.to(t, registry.address, bytes / 4)
    const image = `${passage.address}/team/large:one`
    const engine = await startDocker(t)
    const settings = { DECKLE_HTTP_PORT: String(await freePort()) }
    const options = { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl(), settings }
    const server = await startServer(t, options)
    const fleet = await Fleet.in(server, 'deaths')
    const { setup, agent } = await fleet.join(t, 'docker', 'zone=eu', engine.socket)

    const task = await fleet.gdapi.create('pullTask', { image })
    await eventually(() => passage.isStuck)
    await server.kill()
    await agent.kill()
    await startServer(t, options)
    const seen = await fleet.gdapi.reload(task)
    assert.deepEqual([seen['transitioning'], seen['status']], ['yes', { docker: 'Pulling' }])
    await AgentProcess.start(t, setup)
    passage.open()
    const done = await fleet.gdapi.waitSuccess(task, 90)
    assert.deepEqual([done['state'], done['status']], ['active', { docker: 'Done' }])
    assert.deepEqual(await engine.images(), [image])
  })
})

/** Sorted: engines list them in an order of their own, by times that may be equal. */
function imagesOf(...engines: readonly ContainerEngine[]): Promise<readonly (readonly string[])[]> {
  return Promise.all(engines.map(async (engine) => (await engine.images()).toSorted()))
}
