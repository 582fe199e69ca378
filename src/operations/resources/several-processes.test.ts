import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { silentLog } from '../../core/log.ts'
import type { Resource } from '../../core/resource.ts'
import { ControlConnection } from '../../database/control-connection.ts'
import { PostgresResourceStore } from '../../database/resources/postgres-resource-store.ts'
import { ResourceNotices } from '../../database/resources/resource-notices.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { eventually } from '../../testing/eventually.ts'
import { admin, inProject, ManualPulls, managedOver, rowOf } from '../../testing/managed-bench.ts'

onEachDatabase('several processes over one database', (fresh) => {
  const controls: ControlConnection[] = []
  const pulls = new ManualPulls()
  let processes: readonly ReturnType<typeof managedOver>[]
  before(async () => {
    const { database, url } = await fresh.open()
    const open = async () => {
      const control = new ControlConnection(url, silentLog)
      controls.push(control)
      const notices = new ResourceNotices()
      await control.attach(notices)
      await control.open()
      return managedOver(new PostgresResourceStore(database, notices), pulls)
    }
    processes = [await open(), await open(), await open()]
  })
  after(async () => {
    for (const control of controls) await control.close()
  })
  const [one, other] = [() => at(0), () => at(1)]
  const at = (index: number) => {
    const process = processes[index]
    assert.ok(process)
    return process
  }
  const idle = () => Promise.all(processes.map(({ life }) => life.idle()))
  const now = (resource: Resource) => rowOf(one().resources, resource)

  it('take each action once', async () => {
    const { resource } = await one().operations.create('registry', { serverAddress: 'q' }, inProject(5))
    await idle()
    const active = await now(resource)
    assert.equal(active.state, 'active')
    const acts = [...processes, ...processes].map(({ operations }) => operations.act(active, 'deactivate', admin))
    const ends = await Promise.allSettled(acts)
    assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1)
    await idle()
    assert.equal((await now(resource)).state, 'inactive')
  })

  it('settle a task in another process than the one that began it, and tell all', async () => {
    const heard: (number | undefined)[] = []
    const stop = other().resources.changes((key) => heard.push(key))
    const { resource } = await one().operations.create('pullTask', { image: 'x' }, inProject(5))
    await one().life.idle()
    pulls.pulling.clear()
    await other().life.settle(resource.key)
    assert.equal((await now(resource)).state, 'active')
    // Made, activating, active.
    await eventually(() => heard.filter((key) => key === resource.key).length === 3)
    stop()
  })

  it('take up together what one has left, and purge it once', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => ({ type: 'image', owner: 5, identity: `i${index}` }) as const)
    const left: Resource[] = []
    for (const row of rows) left.push(await one().resources.create({ ...row, state: 'removing', data: {} }))
    await Promise.all(processes.map(({ sweeper }) => sweeper.look()))
    for (const { key } of left) {
      const change = await one().resources.change(key, ['removed'], { removeTime: new Date(0) })
      assert.ok(change?.removed)
    }
    await Promise.all(processes.map(({ sweeper }) => sweeper.look()))
    await idle()
    for (const resource of left) assert.equal((await now(resource)).state, 'purged')
  })
})
