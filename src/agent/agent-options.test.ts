import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readOptions } from './agent-options.ts'
import { runAgent } from './run-agent.ts'

const url = 'https://deckle.example.com'

describe('The options of an agent', () => {
  test('come from flags', () => {
    const flags = ['--url', `${url}/`, '--token', 't', '--label', 'zone=eu', '--label', 'a=b=c', '--name', 'h']
    const more = ['--engine', 'unix:///e.sock', '--state-dir', '/s', '--ca', '/ca.pem', '--parallel', '2', '--once']
    assert.deepEqual(readOptions([...flags, ...more], {}), {
      url,
      token: 't',
      labels: { zone: 'eu', a: 'b=c' },
      name: 'h',
      engine: '/e.sock',
      stateFolder: '/s',
      ca: '/ca.pem',
      parallel: 2,
      once: true,
    })
  })

  test('come from the environment where the flag is not given', () => {
    const environment = { DECKLE_AGENT_URL: `${url}/base`, DECKLE_AGENT_TOKEN: 'secret' }
    const options = readOptions([], environment)
    assert.ok(typeof options === 'object')
    assert.deepEqual([options.url, options.token], [`${url}/base`, 'secret'])
    const given = readOptions(['--url', 'http://127.0.0.1:8080'], environment)
    assert.ok(typeof given === 'object' && given.url === 'http://127.0.0.1:8080')
  })

  for (const [args, about] of [
    [[], /--url is missing/],
    [['--url', 'deckle.example.com'], /--url/],
    [['--url', 'ftp://x'], /--url/],
    [['--url', 'https://user:pw@x'], /without credentials/],
    [['--url', url, '--label', 'zone'], /--label is key=value/],
    [['--url', url, '--label', '=x'], /--label is key=value/],
    [['--url', url, '--engine', 'tcp://127.0.0.1:2375'], /--engine/],
    [['--url', url, '--parallel', '0'], /--parallel/],
    [['--url', url, '--colour'], /--colour/],
    [['--url', url, 'more'], /more/],
  ] as const) {
    test(`cannot be ${JSON.stringify(args)}`, async () => {
      const lines: string[] = []
      const stop = new AbortController().signal
      const surroundings = {
        environment: {},
        isRoot: false,
        print() {},
        note: (line: string) => lines.push(line),
        stop,
      }
      assert.equal(await runAgent(args, surroundings), 2)
      assert.match(lines.join('\n'), about)
    })
  }

  test('are explained', async () => {
    const texts: string[] = []
    const stop = new AbortController().signal
    const surroundings = { environment: {}, isRoot: false, print: (text: string) => texts.push(text), note() {}, stop }
    assert.equal(await runAgent(['--help'], surroundings), 0)
    assert.equal(await runAgent(['--version'], surroundings), 0)
    assert.match(texts[0] ?? '', /--url <server>/)
    assert.match(texts[1] ?? '', /^\d+\.\d+\.\d+/)
  })
})
