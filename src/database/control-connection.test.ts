import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { silentLog } from '../core/log.ts'
import { onEachDatabase } from '../testing/databases.ts'
import type { OpenDatabase } from './connection.ts'
import { ControlConnection } from './control-connection.ts'

onEachDatabase('the control connection', (fresh) => {
  let opened: OpenDatabase
  let control: ControlConnection
  before(async () => {
    opened = await fresh.open()
    control = new ControlConnection(opened.url, silentLog)
  })
  after(() => control.close())

  it('hears notices again after a loss, and says so', async () => {
    const events: string[] = []
    let happened = Promise.withResolvers<void>()
    const note = (event: string) => {
      events.push(event)
      happened.resolve()
    }
    const until = async (event: string) => {
      while (!events.includes(event)) {
        happened = Promise.withResolvers()
        await happened.promise
      }
      events.length = 0
    }
    const subscriber = {
      channel: 'Some channel',
      notice: note,
      connected: async () => note('connected'),
      ready: () => note('ready'),
      lost: () => note('lost'),
    }
    await control.attach(subscriber)
    await control.open()
    assert.deepEqual(events, ['connected', 'ready'])
    await opened.pool.query(`SELECT pg_notify('Some channel', 'one')`)
    await until('one')
    control.drop()
    await until('ready')
    await opened.pool.query(`SELECT pg_notify('Some channel', 'two')`)
    await until('two')
  })

  it('takes subscribers while it is connected', async () => {
    const heard = Promise.withResolvers<string>()
    await control.attach({ channel: 'late', notice: heard.resolve })
    await opened.pool.query(`SELECT pg_notify('late', 'payload')`)
    assert.equal(await heard.promise, 'payload')
  })

  it('does not open when the database refuses it', async () => {
    const url = new URL(opened.url)
    url.pathname = '/no_such_database'
    await assert.rejects(new ControlConnection(url.href, silentLog).open(), /no_such_database/)
  })
})
