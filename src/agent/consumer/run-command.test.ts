import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readPackageProfile } from './package-profile.ts'
import { runCommand } from './run-command.ts'

const node = (script: string) => [process.execPath, '-e', script]

describe('a command of the agent', () => {
  it('tells what it says, line by line and at last, in plain English', async () => {
    const lines: string[] = []
    const script = 'console.log(process.env.LC_ALL); console.error("oh"); process.exitCode = 3'
    const { code, output } = await runCommand(node(script), { onLine: (line) => lines.push(line) })
    assert.deepEqual([code, lines.toSorted()], [3, ['C.UTF-8', 'oh']])
    assert.deepEqual(output.trim().split('\n').toSorted(), ['C.UTF-8', 'oh'])
  })

  it('that is not there ends with 127 and says so', async () => {
    const { code, output } = await runCommand(['/no/such/program'])
    assert.equal(code, 127)
    assert.match(output, /^\/no\/such\/program cannot be started/)
  })

  it('is stopped by its signal, unless it may not be', async () => {
    const waiting = 'console.log("up"); setTimeout(() => console.log("done"), 300)'
    for (const [mayStop, words] of [
      [true, 'up\n'],
      [false, 'up\ndone\n'],
    ] as const) {
      const stop = new AbortController()
      const watch = { signal: stop.signal, mayStop: () => mayStop, onLine: () => stop.abort() }
      const { code, output } = await runCommand(node(waiting), watch)
      assert.deepEqual([code === 0, output], [!mayStop, words])
    }
  })
})

describe('the profile of packages', () => {
  it('lists what rpm lists, in order, without keys', async () => {
    const asked: (readonly string[])[] = []
    const output = [
      'zsh\t1\t5.9\t2.el9\tx86_64\tRed Hat, Inc.',
      'gpg-pubkey\t0\tabc\tdef\t(none)\t(none)',
      'nano\t0\t7.2\t1\tx86_64\t(none)',
      '',
    ].join('\n')
    const run = async (command: readonly string[]) => {
      asked.push(command)
      return { code: 0, output }
    }
    assert.deepEqual(await readPackageProfile(run, '/srv'), [
      { name: 'nano', epoch: 0, version: '7.2', release: '1', arch: 'x86_64', vendor: null },
      { name: 'zsh', epoch: 1, version: '5.9', release: '2.el9', arch: 'x86_64', vendor: 'Red Hat, Inc.' },
    ])
    assert.deepEqual(asked[0]?.slice(0, 4), ['rpm', '--root', '/srv', '-qa'])
    await assert.rejects(
      readPackageProfile(async () => ({ code: 127, output: 'no rpm' }), '/'),
      /no rpm/,
    )
  })
})
