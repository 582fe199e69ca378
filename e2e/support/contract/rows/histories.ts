import assert from 'node:assert/strict'
import { aDistributor, listAt, missing, refused, valueAt } from '../expect.ts'
import type { Case, Operation } from '../operation.ts'
import { bare, filled, publish, sync } from '../scenes.ts'
import type { World } from '../world.ts'

const known = new WeakMap<World, ReturnType<typeof runTwice>>()

/** A repository with two runs of each kind, the same for all who only read. */
function twice(world: World) {
  const made = known.get(world) ?? runTwice(world)
  known.set(world, made)
  return made
}

async function runTwice(world: World) {
  const at = await filled(world, 'published')
  await sync(world, at.repo_id)
  await publish(world, at.repo_id, at.distributor_id)
  return at
}

/** D.1.3.8 and D.1.4.7. */
export const histories: readonly Operation[] = [
  {
    section: 'D.1.3.8',
    method: 'GET',
    does: 'Retrieve the history of syncs',
    decided: ['§0.16'],
    cases: [...questions(), missing('a repository', () => ({ at: { repo_id: 'missing' } }), { repository: 'missing' })],
  },
  {
    section: 'D.1.4.7',
    method: 'GET',
    does: 'Retrieve the history of publishes of a distributor',
    decided: ['§0.16'],
    cases: [
      ...questions(),
      missing('a repository', () => ({ at: { repo_id: 'missing', distributor_id: 'x' } }), { repository: 'missing' }),
      missing(
        'a distributor',
        async (world) => ({ at: { ...(await bare(world)), distributor_id: 'x' } }),
        aDistributor,
      ),
    ],
  },
]

/** What both histories answer (pulp2-api §8.3). */
function questions(): Case[] {
  return [
    {
      status: 200,
      when: 'as in the sample, newest first',
      arrange: async (world) => ({ at: await twice(world) }),
      like: {},
      check: ({ answer }) => inOrder(answer.body, (starts) => starts.toSorted().reverse()),
    },
    {
      status: 200,
      when: 'oldest first with sort=ascending',
      asks: ['sort'],
      arrange: async (world) => ({ at: await twice(world), query: 'sort=ascending' }),
      check: ({ answer }) => inOrder(answer.body, (starts) => starts.toSorted()),
    },
    asked('limit=1', 1),
    asked('start_date=2000-01-01T00:00:00Z', 2),
    asked('start_date=2999-01-01T00:00:00Z', 0),
    asked('end_date=2000-01-01T00:00:00Z', 0),
    asked('end_date=2999-01-01T00:00:00Z&sort=descending', 2),
    refused(
      'for parameters that mean nothing, all named',
      'PLP0015',
      async (world) => ({ at: await filled(world), query: 'limit=0&sort=x&start_date=today&end_date=1' }),
      ['limit', 'sort', 'start_date', 'end_date'],
    ),
  ]
}

function asked(query: string, entries: number): Case {
  return {
    status: 200,
    when: `with ${query}`,
    asks: [...new URLSearchParams(query).keys()],
    arrange: async (world) => ({ at: await twice(world), query }),
    check: ({ answer }) => assert.equal(listAt(answer.body).length, entries),
  }
}

function inOrder(body: unknown, sorted: (starts: readonly string[]) => readonly string[]): void {
  const starts = listAt(body).map((entry) => String(valueAt(entry, 'started')))
  assert.equal(starts.length, 2)
  assert.deepEqual(starts, sorted(starts))
}
