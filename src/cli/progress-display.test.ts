import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { recordingTerminal } from '../testing/recording-terminal.ts'
import { taskReport } from '../testing/task-reports.ts'
import { ProgressDisplay } from './progress-display.ts'
import { Speedometer } from './speedometer.ts'

function downloading(bytes: number) {
  const content = { state: 'IN_PROGRESS', size_total: 10_000_000, size_left: 10_000_000 - bytes }
  return [taskReport({ state: 'running', progress_report: { yum_importer: { content } } })]
}

describe('The progress display', () => {
  test('redraws one line on a terminal and clears it in the end', () => {
    const terminal = recordingTerminal(80)
    let now = 0
    const display = new ProgressDisplay(terminal, 'zoo', () => now)
    display.show(downloading(0))
    now = 1000
    display.show(downloading(2_000_000))
    display.end()
    assert.deepEqual(terminal.notes, [])
    assert.equal(terminal.drawn.length, 3)
    assert.match(terminal.drawn[1] ?? '', /2\.0 MB of 10\.0 MB {2}2\.0 MB\/s {2}ETA 0:04$/)
    assert.equal(terminal.drawn[2], '')
  })

  test('writes a line a phase into a log, and one every ten seconds', () => {
    const terminal = recordingTerminal(undefined)
    let now = 0
    const display = new ProgressDisplay(terminal, 'zoo', () => now)
    display.show([taskReport({ state: 'waiting' })])
    for (now = 1000; now <= 21_000; now += 1000) display.show(downloading(now * 100))
    display.end()
    assert.deepEqual(terminal.notes, [
      'zoo: waiting for a worker',
      'zoo: packages, 100.0 kB of 10.0 MB',
      'zoo: packages, 1.1 MB of 10.0 MB',
      'zoo: packages, 2.1 MB of 10.0 MB',
    ])
    assert.deepEqual(terminal.drawn, [])
  })
})

describe('The speedometer', () => {
  test('says nothing before it can know', () => {
    const speed = new Speedometer()
    assert.equal(speed.measure(0, 0), undefined)
    assert.equal(speed.measure(100, 5000), undefined)
  })

  test('forgets what is longer ago than ten seconds', () => {
    const speed = new Speedometer()
    for (let second = 0; second <= 10; second++) speed.measure(second * 1000, second * 1000)
    for (let second = 11; second <= 30; second++) speed.measure(second * 1000, 10_000)
    assert.equal(speed.measure(31_000, 10_000), 0)
  })

  test('starts anew when the count starts anew', () => {
    const speed = new Speedometer()
    speed.measure(0, 1_000_000)
    assert.equal(speed.measure(1000, 10), undefined)
    assert.equal(speed.measure(2000, 1010), 1000)
  })
})
