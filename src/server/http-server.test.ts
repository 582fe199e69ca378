import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { eventually } from '../testing/eventually.ts'
import { MemoryTasks } from '../testing/memory-tasks.ts'
import { PulpServer } from '../testing/pulp-server.ts'
import { listen } from './http-server.ts'

describe('The server', () => {
  it('lets go of a list whose client has stopped reading, and of the connection', async (t) => {
    const tasks = new MemoryTasks()
    const [task] = await tasks.enqueue([{ operation: 'x'.repeat(10_000), arguments: {}, tags: [], resources: [] }])
    const closed = Promise.withResolvers<void>()
    async function* list() {
      try {
        while (task !== undefined) yield task
      } finally {
        closed.resolve()
      }
    }
    const { app } = new PulpServer({ services: { tasks: Object.assign(tasks, { list }) } })
    await app.ready()
    const handle = (...parts: Parameters<typeof app.routing>) => {
      app.routing(...parts)
      return true
    }
    const server = await listen('127.0.0.1', 0, [handle], { idleMs: 100 })
    t.after(() => server.close())
    const socket = connect(server.port, '127.0.0.1')
    // Whether the end comes as an error depends on what is still under way.
    socket.on('error', () => undefined)
    const gone = new Promise((resolve) => socket.once('close', resolve))
    socket.write('GET /pulp/api/v2/tasks/ HTTP/1.1\r\nHost: x\r\nAuthorization: admin\r\n\r\n')
    await once(socket, 'readable')
    await eventually(() => socket.bytesRead > 10_000)
    await closed.promise
    socket.resume()
    await gone
  })
})
