import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { AgentServer } from '/tmp/r6/src/testing/agent-server.ts'
import { ConsumerServer } from '/tmp/r6/src/testing/consumer-server.ts'
test('m', async (t) => {
  const server = await AgentServer.start()
  const child = spawn(process.execPath, ['/tmp/e-b/agent.js', '--url', server.url, '--state-dir', '/tmp/e-b/state'+Date.now()], { stdio: 'inherit', env: {...process.env, DECKLE_AGENT_TOKEN: 'good-token'} })
  const mem = (c = child) => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${c.pid}/status`, 'utf8'))?.[1]
  await pause(3000)
  console.log('host idle', mem())
  child.kill()
  await server.stop()
  const s = await new ConsumerServer().listen()
  for (const more of [[], ['--expose-gc'], ['--lite-mode']]) {
  const c = spawn(process.execPath, [...more, '/tmp/e-b/agent.js', '--consumer', 'east', '--url', s.url, '--certificate', '/tmp/e-east.pem', '--root', '/tmp/e-root'], { stdio: 'ignore' })
  await pause(3000)
  console.log('consumer', more, mem(c))
  c.kill()
  }
  await s.close()
})
