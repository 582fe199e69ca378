import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HostPullReport, PhaseOfPull } from '../clients/rancher-answers.ts'
import { recordingTerminal } from '../testing/recording-terminal.ts'
import { drawHosts, PullDisplay } from './pull-display.ts'

function pullOn(hostName: string, phase: PhaseOfPull, rest: Partial<HostPullReport> = {}): HostPullReport {
  const shape = { id: hostName, type: 'hostPull', links: {}, actions: {}, bytes: null, totalBytes: null, error: null }
  return { ...shape, hostName, phase, ...rest }
}

describe('The display of a pull', () => {
  test('draws a bar a host on a terminal, and leaves what became of each', () => {
    const terminal = recordingTerminal(60)
    const display = new PullDisplay(terminal)
    display.show([pullOn('one', 'pulling', { bytes: 500_000, totalBytes: 1_000_000 }), pullOn('second', 'waiting')])
    display.show([pullOn('one', 'done'), pullOn('second', 'failed', { error: 'no such\n tag' })])
    display.end([pullOn('one', 'done'), pullOn('second', 'failed', { error: 'no such tag' })])
    assert.deepEqual(terminal.drawn, [
      'one     pulling  [##########----------]  500.0 kB of 1.0 MB\nsecond  waiting',
      'one     done\nsecond  no such tag',
      '',
    ])
    assert.deepEqual(terminal.notes, ['one: done', 'second: no such tag'])
  })

  test('writes a line into a log for each host that gets further', () => {
    const terminal = recordingTerminal(undefined)
    const display = new PullDisplay(terminal)
    display.show([pullOn('one', 'waiting')])
    display.show([pullOn('one', 'pulling', { bytes: 1, totalBytes: 9 })])
    display.show([pullOn('one', 'pulling', { bytes: 2, totalBytes: 9 })])
    display.end([pullOn('one', 'done')])
    display.show([pullOn('one', 'done')])
    assert.deepEqual(terminal.notes, ['one: waiting', 'one: pulling', 'one: done'])
    assert.deepEqual(terminal.drawn, [])
  })

  test('counts the hosts that do not fit, and shows those that are at work first', () => {
    const waiting = Array.from({ length: 100 }, (_, at) => pullOn(`w${at}`, 'waiting'))
    const lines = drawHosts([...waiting, pullOn('busy', 'pulling'), pullOn('ready', 'done')], 50)
    assert.equal(lines.length, 15)
    assert.match(lines[0] ?? '', /^busy +pulling$/)
    assert.equal(lines.at(-1), 'and 88 more: 87 waiting, 1 done')
  })
})
