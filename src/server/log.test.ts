import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Log } from '../core/log.ts'
import { withLogFields } from '../core/log-fields.ts'
import { openLog } from './log.ts'

function recorded(level: string): { log: Log; lines: () => readonly unknown[] } {
  const written: string[] = []
  const log = openLog(level, {}, { write: (line) => void written.push(line) })
  return { log, lines: () => written.map((line) => ({ ...JSON.parse(line), time: undefined })) }
}

describe('a log line', () => {
  it('carries the request or task that caused it, however late, each field once', async () => {
    const { log, lines } = recorded('info')
    await withLogFields({ request: 'r1' }, async () => {
      await Promise.resolve()
      withLogFields({ task: 't1' }, () => log.with({ task: 't1', operation: 'sync' }).warn('inside', { n: 1 }))
    })
    log.info('outside')
    assert.deepEqual(lines(), [
      { level: 'warn', time: undefined, request: 'r1', task: 't1', operation: 'sync', n: 1, msg: 'inside' },
      { level: 'info', time: undefined, msg: 'outside' },
    ])
  })

  it('never holds the credentials of a URL, wherever they stand', () => {
    const { log, lines } = recorded('info')
    log.error('no answer from http://me:hush@host/', {
      list: ['ftp://me:hush@host'],
      deep: { at: 'x https://hush@h/' },
    })
    assert.doesNotMatch(JSON.stringify(lines()), /hush/)
  })

  it('of level debug is not even made unless it is wanted', () => {
    assert.equal(recorded('info').log.debug, undefined)
    const { log, lines } = recorded('debug')
    log.debug?.('seen')
    log.with({ a: 1 }).debug?.('seen too')
    assert.equal(lines().length, 2)
  })
})
