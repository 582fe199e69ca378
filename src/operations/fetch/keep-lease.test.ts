import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { silentLog } from '../../core/log.ts'
import { eventually } from '../../testing/eventually.ts'
import { FlightProgress } from './flight-progress.ts'
import { keepLease } from './keep-lease.ts'

const never = 2 ** 30

describe('keepLease', () => {
  it('renews again and again', async () => {
    const { told, keep } = tell()
    const lease = keep(1)
    await eventually(() => told.length >= 3)
    lease.stop()
  })

  it('is not lost once it was given back', async () => {
    const { told, answers, keep } = tell()
    answers.push(false)
    const lease = keep(1)
    lease.stop()
    await setImmediate()
    assert.deepEqual([told.length, lease.lost.aborted], [1, false])
  })

  it('tells the handle of the bytes as soon as there is one, also while it is telling another', async () => {
    const { told, progress, keep } = tell()
    const lease = keep(never)
    progress.show('first')
    await eventually(() => told.includes('first'))
    progress.show('other')
    await eventually(() => told.includes('other'))
    assert.deepEqual(told, [null, 'first', 'other'])
    lease.stop()
  })

  it('says that the lease is lost', async () => {
    const { answers, keep } = tell()
    answers.push(true, false)
    await once(keep(1).lost, 'abort')
  })

  it('takes a database that does not answer for no loss', async () => {
    const { told, answers, keep } = tell()
    answers.push(new Error('away'), new Error('away'))
    const lease = keep(1)
    await eventually(() => told.length >= 4)
    assert.equal(lease.lost.aborted, false)
    lease.stop()
  })
})

/** Renewals answer what is in `answers`, one after the other, then true. */
function tell() {
  const told: (string | null)[] = []
  const answers: (boolean | Error)[] = []
  const progress = new FlightProgress()
  const renew = async (handle: string | null) => {
    told.push(handle)
    const answer = answers.shift() ?? true
    if (answer instanceof Error) throw answer
    return answer
  }
  return { told, answers, progress, keep: (everyMs: number) => keepLease({ renew, progress, everyMs, log: silentLog }) }
}
