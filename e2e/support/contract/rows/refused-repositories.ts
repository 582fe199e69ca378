import assert from 'node:assert/strict'
import { isGone, listAt, refused, says } from '../expect.ts'
import type { Case } from '../operation.ts'

/** D.1.1.1: what is wrong with a repository to be made. */
export const refusedRepositories: readonly Case[] = [
  refused('without an id', 'PLP0015', () => ({ body: { display_name: 'no id' } }), ['repo_id']),
  refused('for an id with a character that ids have not', 'PLP0015', () => ({ body: { id: 'a b' } }), ['repo_id']),
  refused('for a body that is a list', 'PLP1015', () => ({ body: [] })),
  refused('for a body that is no JSON', 'PLP1009', () => ({ body: '{' })),
  refused('for notes that are no object', 'PLP0015', (world) => ({ body: { id: world.name('x'), notes: 1 } }), [
    'notes',
  ]),
  refused(
    'for distributors that are no list',
    'PLP0015',
    (world) => ({ body: { id: world.name('x'), distributors: {} } }),
    ['distributor_list'],
  ),
  refused('for an importer that is not there', 'PLP1008', (world) => ({
    body: { id: world.name('x'), importer_type_id: 'no_such_importer' },
  })),
  refused('for a config that the importer refuses', 'PLP1000', (world) => ({
    body: { id: world.name('x'), importer_type_id: 'harness_importer', importer_config: { unknown: 1 } },
  })),
]

/** A plugin that raises while it is added: nothing of the repository stays. */
export function raising(part: string, members: object): Case {
  return {
    status: 500,
    when: `for ${part === 'importer' ? 'an importer' : 'a distributor'} that raises`,
    by: '§0.24',
    arrange: (world) => {
      const id = world.name('raising')
      return { names: { id }, body: { id, ...members } }
    },
    check: async (seen, world) => {
      assert.ok(listAt(seen.answer.body, 'exception').length > 0)
      await says('http_request_method', 'POST')(seen, world)
      await isGone(world, `repositories/${seen.wanted.names?.['id']}/`)
    },
  }
}
