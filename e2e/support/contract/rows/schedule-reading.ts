import assert from 'node:assert/strict'
import { listAt } from '../expect.ts'
import type { Case } from '../operation.ts'
import { demo } from '../scenes.ts'
import { missingOwners, missingSchedules, type ScheduleKind, scheduled } from '../schedule-scenes.ts'

/** D.1.3.6 and D.1.4.5. */
export function lists(kind: ScheduleKind): Case[] {
  const inList = kind.action === 'publish' ? { by: '§0.23' as const } : {}
  const prefix = kind.action === 'publish' ? '' : '[].'
  return [
    {
      status: 200,
      when: 'as in the sample',
      ...inList,
      arrange: async (world) => ({ at: await scheduled(world, kind) }),
      like: {
        except: { [`${prefix}last_run_at`]: '§8.1' },
        part: ({ answer }) => (kind.action === 'publish' ? listAt(answer.body)[0] : answer.body),
      },
      check: ({ answer }) => assert.equal(listAt(answer.body).length, 1),
    },
    {
      status: 200,
      when: 'with an empty list where there is none',
      arrange: async (world) => ({ at: await demo(world) }),
      check: ({ answer }) => assert.deepEqual(answer.body, []),
    },
    ...missingOwners(kind),
  ]
}

/** D.1.3.7 and D.1.4.6. */
export function singles(kind: ScheduleKind): Case[] {
  return [
    {
      status: 200,
      when: 'as in the sample',
      arrange: async (world) => ({ at: await scheduled(world, kind) }),
      like: { except: { last_run_at: '§8.1' } },
    },
    ...missingOwners(kind),
    ...missingSchedules(),
  ]
}
