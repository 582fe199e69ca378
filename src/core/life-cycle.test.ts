import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  isTransitioning,
  type LifeAction,
  type LifeState,
  lifeActions,
  lifeEnds,
  offeredActions,
} from './life-cycle.ts'

/** rancher-api §2.2, with `deactivate` in `registering` as from Rancher 1.0 on. */
const offered: Readonly<Record<LifeState, readonly LifeAction[]>> = {
  requested: ['create', 'remove'],
  registering: ['activate', 'deactivate', 'remove'],
  activating: ['deactivate'],
  active: ['deactivate', 'update'],
  deactivating: [],
  inactive: ['activate', 'remove', 'update'],
  'updating-active': ['deactivate', 'remove'],
  'updating-inactive': ['deactivate', 'remove'],
  removing: [],
  removed: ['purge', 'restore'],
  purging: [],
  restoring: [],
  purged: [],
}
const states = Object.keys(offered) as LifeState[]
const settled = ['requested', 'active', 'inactive', 'removed', 'purged']

describe('the life cycle', () => {
  for (const state of states) {
    it(`offers ${offered[state].join(', ') || 'nothing'} in ${state}`, () => {
      assert.deepEqual(offeredActions(state), offered[state])
      for (const action of Object.keys(lifeActions) as LifeAction[]) {
        assert.equal(lifeActions[action][state] !== undefined, offered[state].includes(action), action)
      }
    })
  }

  it('leaves out what a type does not have', () => {
    assert.deepEqual(offeredActions('removed', ['restore']), ['purge'])
  })

  it('is in transition until it comes to one of five states', () => {
    assert.deepEqual(
      states.filter((state) => !isTransitioning(state)),
      settled,
    )
    for (const state of states) {
      let at = state
      for (let steps = 0; lifeEnds[at] !== undefined; steps += 1) {
        at = lifeEnds[at] ?? at
        assert.ok(steps < 3, `${state} goes round`)
      }
      assert.ok(settled.includes(at))
    }
  })

  it('begins every action with a state in which something goes on', () => {
    for (const starts of Object.values(lifeActions)) {
      for (const during of Object.values(starts)) assert.ok(isTransitioning(during))
    }
  })
})
