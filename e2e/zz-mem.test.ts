import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ConsumerServer } from '/tmp/r6/src/testing/consumer-server.ts'
import { consumerPem } from '/tmp/r6/src/testing/consumer-credentials.ts'
import { bundledAgent } from '/tmp/r6/e2e/support/bundled-agent.ts'
import { succeed } from '/tmp/r6/e2e/support/programs.ts'
test('m', async (t) => {
  const file = process.env['BUNDLE'] ?? (await bundledAgent(t))
  const server = await new ConsumerServer().listen()
  writeFileSync('/tmp/e-east.pem', await consumerPem('east'))
  const child = spawn(process.execPath, [file, '--consumer', 'east', '--url', server.url, '--certificate', '/tmp/e-east.pem', '--root', '/tmp/e-root', '--package-command', 'true'], { stdio: 'inherit' })
  const mem = () => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]
  await pause(3000)
  console.log('idle', mem())
  for (let i = 0; i < 8; i++) {
    await server.tasks.queue('east', 'consumer-bind', { repository: 'zoo', distributor: 'd', type: 'yum_distributor', payload: { relative_path: '/x', protocols: ['http'] } })
    await server.tasks.queue('east', 'consumer-install', { units: [{ type_id: 'rpm', unit_key: { name: 'x' } }], options: {} })
    await pause(700)
    console.log('after', i, mem())
  }
  child.kill()
  await server.close()
})
