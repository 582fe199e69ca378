import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContentAction } from '../../core/consumer.ts'
import type { JsonObject } from '../../core/json.ts'
import { doContent } from './do-content.ts'
import type { CommandRun, CommandWatch, RunCommand } from './run-command.ts'

const table =
  'Dependencies resolved.\nInstalling:\n zsh  x86_64  5-1  zoo  2 M\n\nRunning transaction\n  Installing       : zsh-5-1.x86_64   1/1\n'

describe('an order to change packages', () => {
  function machine(answers: Readonly<Record<string, CommandRun>> = {}) {
    const commands: string[] = []
    const run: RunCommand = async (command, { onLine }: CommandWatch = {}) => {
      commands.push(command.join(' '))
      const known = Object.entries(answers).find(([name]) => command.includes(name))
      const answer = known?.[1] ?? { code: 0, output: table }
      for (const line of answer.output.split('\n')) onLine?.(line)
      return answer
    }
    const reports: JsonObject[] = []
    const order = async (action: ContentAction, units: readonly JsonObject[], options: JsonObject = {}, more = {}) => {
      const means = { run, root: '/', packageCommand: ['dnf'], allowReboot: false, ...more }
      const signal = new AbortController().signal
      return doContent({ action, units, options }, means, signal, (report) => reports.push(report))
    }
    return { commands, reports, order }
  }
  const rpm = (key: JsonObject) => ({ type_id: 'rpm', unit_key: key })
  const importing = { importkeys: true }

  it('is one command for each type of content', async () => {
    const { commands, order } = machine()
    const full = { name: 'zsh', epoch: '1', version: '5.0', release: '2.el9', arch: 'x86_64' }
    await order('install', [rpm(full), rpm({ name: 'nano', epoch: 0, version: '7' })], importing)
    await order('update', [rpm({ name: 'zsh' })], importing)
    await order('update', [rpm({})], { ...importing, all: true })
    await order('uninstall', [rpm({ name: 'zsh', arch: 'i686' })], importing)
    const group = { type_id: 'package_group', unit_key: { name: 'Sea animals' } }
    await order('install', [{ type_id: 'erratum', unit_key: { id: 'RHSA-2026:1' } }, group], importing)
    assert.deepEqual(commands, [
      'dnf -y install zsh-1:5.0-2.el9.x86_64 nano-7',
      'dnf -y upgrade zsh',
      'dnf -y upgrade',
      'dnf -y remove zsh.i686',
      'dnf -y upgrade-minimal --advisory=RHSA-2026:1',
      'dnf -y install @Sea animals',
    ])
  })

  it('keeps to its root, imports no keys unasked, and tries without doing', async () => {
    const { commands, order } = machine()
    await order(
      'install',
      [rpm({ name: 'zsh' })],
      { apply: false },
      { root: '/srv/root', packageCommand: ['sudo', 'dnf'] },
    )
    assert.deepEqual(commands, [
      'sudo dnf --assumeno --installroot=/srv/root --setopt=reposdir=/srv/root/etc/yum.repos.d --setopt=*.gpgkey= install zsh',
    ])
  })

  it('reports what changed as agents of Pulp do, and how far it is', async () => {
    const { reports, order } = machine()
    const zsh = {
      qname: 'zsh-5-1.x86_64',
      repoid: 'zoo',
      name: 'zsh',
      epoch: '0',
      version: '5',
      release: '1',
      arch: 'x86_64',
    }
    assert.deepEqual(await order('install', [rpm({ name: 'zsh' })]), {
      succeeded: true,
      num_changes: 1,
      reboot: { scheduled: false, details: {} },
      details: { rpm: { succeeded: true, details: { resolved: [zsh], deps: [], failed: [] } } },
    })
    const [resolving, running] = ['Resolving Dependencies', 'Running Transaction']
    assert.deepEqual(reports, [
      { steps: [[resolving, null]], details: {} },
      {
        steps: [
          [resolving, true],
          [running, null],
        ],
        details: {},
      },
      {
        steps: [
          [resolving, true],
          [running, null],
        ],
        details: { action: 'Installing', package: 'zsh-5-1.x86_64' },
      },
      {
        steps: [
          [resolving, true],
          [running, true],
        ],
        details: {},
      },
    ])
  })

  it('fails in its report with what the command says, and does the other types all the same', async () => {
    const output = 'Last check\nNo match for argument: zsh\nError: Unable to find a match: zsh\n'
    const { order } = machine({ zsh: { code: 1, output } })
    const group = { type_id: 'package_group', unit_key: { name: 'sea' } }
    const { succeeded, num_changes, details } = await order('install', [rpm({ name: 'zsh' }), group])
    assert.deepEqual([succeeded, num_changes], [false, 1])
    const message = 'No match for argument: zsh; Error: Unable to find a match: zsh'
    assert.deepEqual(JSON.parse(JSON.stringify(details)).rpm, { succeeded: false, details: { message, trace: '' } })
  })

  it('runs nothing for what is no package', async () => {
    const { commands, order } = machine()
    for (const units of [
      [],
      [rpm({})],
      [rpm({ name: '--installroot=/elsewhere' })],
      [rpm({ name: '/tmp/evil.rpm' })],
      [rpm({ name: 'http://evil/x.rpm' })],
      [rpm({ name: 'zsh', version: '1 nano' })],
      [rpm({ name: { $ne: 1 } })],
      [{ type_id: 'package_group', unit_key: { name: '-y' } }],
      [{ type_id: 'erratum', unit_key: {} }],
      [{ type_id: 'puppet_module', unit_key: { name: 'x' } }],
    ]) {
      assert.equal((await order('install', units))['succeeded'], false, JSON.stringify(units))
    }
    assert.equal((await order('uninstall', [{ type_id: 'erratum', unit_key: { id: 'A' } }]))['succeeded'], false)
    assert.deepEqual(commands, [])
  })

  it('reboots only when that is asked for, allowed, and something has changed', async () => {
    const { commands, order } = machine({ nano: { code: 0, output: 'Nothing to do.' } })
    const reboot = { reboot: true }
    const refused = await order('install', [rpm({ name: 'zsh' })], reboot)
    assert.deepEqual(refused['reboot'], {
      ...{ scheduled: false, details: { message: 'this agent was not started with --allow-reboot' } },
    })
    await order('install', [rpm({ name: 'nano' })], reboot, { allowReboot: true })
    await order('install', [rpm({ name: 'zsh' })], {}, { allowReboot: true })
    assert.ok(!commands.some((command) => command.startsWith('shutdown')))
    const allowed = await order('install', [rpm({ name: 'zsh' })], reboot, { allowReboot: true })
    assert.deepEqual(allowed['reboot'], { scheduled: true, details: {} })
    assert.equal(commands.at(-1), 'shutdown -r +1')
  })
})
