import { after, before, beforeEach } from 'node:test'
import { RancherServer } from './rancher-server.ts'

/**
 * A server for the file that calls this: projects 1a2 (Ann's) and 1a4 (nobody's), account 1a3 (Ann); each project has a host. It
 * knows `admin`, `ann` and `key`, of project 1a2, by their authorization.
 */
export function scopedServer(): () => RancherServer {
  let server: RancherServer | undefined
  before(async () => {
    server = await RancherServer.start()
    const { resources, actors } = server
    await resources.create({ type: 'account', owner: null, name: 'ann', state: 'active', data: { kind: 'user' } })
    await resources.create({ type: 'project', owner: null, name: 'other', state: 'active', data: {} })
    for (const owner of [2, 4])
      await resources.create({ type: 'host', owner, name: `h${owner}`, state: 'active', data: {} })
    await resources.create({ type: 'project', owner: null, name: 'closed', state: 'inactive', data: {} })
    actors.set('admin', { role: 'admin', account: 1, project: null, name: 'root' })
    actors.set('ann', { role: 'user', account: 3, project: null, name: 'ann' })
    actors.set('key', { role: 'project', account: 2, project: 2, name: 'key' })
  })
  beforeEach(() => {
    if (server !== undefined) server.accessControl = true
  })
  after(() => server?.close())
  return () => {
    if (server === undefined) throw new Error('the server is there only while tests run')
    return server
  }
}
