// Runs in a process of its own: it stops the clock.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import type { JsonObject } from '../core/json.ts'
import { firstPauseMs, ProgressWriter, progressPauseMs } from './progress-writer.ts'

describe('the progress writer', () => {
  let written: JsonObject[]
  let failures: unknown[]
  let store: (report: JsonObject) => Promise<void>
  let writer: ProgressWriter

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] })
    written = []
    failures = []
    store = async (report) => {
      written.push(report)
    }
    writer = new ProgressWriter(
      (report) => store(report),
      (error) => failures.push(error),
    )
  })
  afterEach(() => mock.timers.reset())

  /** Lets the clock go on, and then everything that waits for a promise. */
  async function pass(milliseconds: number): Promise<void> {
    mock.timers.tick(milliseconds)
    await new Promise(setImmediate)
  }

  async function reportFirst(): Promise<void> {
    writer.report({ done: 1 })
    await pass(firstPauseMs)
  }

  it('writes the first report after a moment, so that a short task has nothing to write', async () => {
    writer.report({ done: 1 })
    await pass(firstPauseMs - 1)
    writer.report({ done: 2 })
    assert.deepEqual(written, [])
    await pass(1)
    assert.deepEqual(written, [{ done: 2 }])
  })

  it('hands back all that a short task has to tell', async () => {
    writer.report({ done: 1 })
    assert.deepEqual(await writer.close(), { done: 1 })
    await pass(progressPauseMs)
    assert.deepEqual(written, [])
  })

  it('writes the newest of many reports, twice a second', async () => {
    for (let done = 1; done <= 100; done++) {
      writer.report({ done })
      await pass(progressPauseMs / 20)
    }
    assert.deepEqual(
      written.map((report) => report['done']),
      [4, 24, 44, 64, 84],
    )
  })

  it('writes a trailing report although no other follows', async () => {
    await reportFirst()
    writer.report({ done: 2 })
    await pass(progressPauseMs - 1)
    assert.equal(written.length, 1)
    await pass(1)
    assert.deepEqual(written, [{ done: 1 }, { done: 2 }])
    await pass(10 * progressPauseMs)
    assert.equal(written.length, 2)
  })

  it('never writes two reports at a time', async () => {
    const first = Promise.withResolvers<void>()
    store = async (report) => {
      written.push(report)
      if (written.length === 1) await first.promise
    }
    await reportFirst()
    await pass(progressPauseMs)
    writer.report({ done: 2 })
    await pass(progressPauseMs)
    assert.equal(written.length, 1)
    first.resolve()
    await pass(0)
    assert.deepEqual(written, [{ done: 1 }, { done: 2 }])
  })

  it('hands the unwritten report back when it is closed, and writes no more', async () => {
    await reportFirst()
    writer.report({ done: 2 })
    assert.deepEqual(await writer.close(), { done: 2 })
    writer.report({ done: 3 })
    await pass(progressPauseMs)
    assert.deepEqual(written, [{ done: 1 }])
  })

  it('has nothing to hand back when all is written', async () => {
    await reportFirst()
    assert.equal(await writer.close(), undefined)
  })

  it('waits for the write under way before it is closed', async () => {
    const slow = Promise.withResolvers<void>()
    store = () => slow.promise
    await reportFirst()
    let closed = false
    const closing = writer.close().then(() => {
      closed = true
    })
    await pass(progressPauseMs)
    assert.equal(closed, false)
    slow.resolve()
    await closing
  })

  it('tries a report again that could not be written, and tells of the failure', async () => {
    store = () => Promise.reject(new Error('no database'))
    await reportFirst()
    assert.equal(failures.length, 1)
    store = async (report) => {
      written.push(report)
    }
    await pass(progressPauseMs)
    assert.deepEqual(written, [{ done: 1 }])
  })
})
