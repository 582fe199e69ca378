import assert from 'node:assert/strict'
import { aConsumer, anyConsumer, missingConsumer } from '../consumer-scenes.ts'
import { isGone, missing, refused, valueAt } from '../expect.ts'
import type { Operation, Wanted } from '../operation.ts'
import type { World } from '../world.ts'
import { searches } from './consumers.ts'

const section = '§15'
const profiles = '/pulp/api/v2/consumers/<consumer_id>/profiles/'
const content = { content_type: 'rpm', profile: [{ name: 'zsh' }] }

async function profiled(world: World) {
  const { consumer_id } = await aConsumer(world)
  await world.make('POST', `consumers/${consumer_id}/profiles/`, content)
  return { consumer_id, content_type: 'rpm' }
}

const noProfile = missing(
  'a profile',
  async (world) => ({ at: { ...(await anyConsumer(world)), content_type: 'no' } }),
  (at: Wanted['at']) => ({ profile_id: `${at?.['consumer_id']}.no` }),
)

/** pulp2-api §15: profiles. */
export const consumerProfiles: readonly Operation[] = [
  {
    section,
    method: 'GET',
    path: profiles,
    does: 'List the profiles of a consumer',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'for a consumer',
        arrange: async (world) => ({ at: await profiled(world) }),
        check: ({ answer }) => assert.deepEqual(valueAt(answer.body, 0, 'profile'), content.profile),
      },
      missingConsumer('consumer'),
    ],
  },
  {
    section,
    method: 'POST',
    path: profiles,
    does: 'Create a profile of a consumer',
    rights: ['create'],
    cases: [
      {
        status: 201,
        when: 'with the hash of what is installed',
        asks: ['content_type', 'profile'],
        arrange: async (world) => ({ at: await anyConsumer(world), body: content }),
        check: ({ answer }) => assert.match(String(valueAt(answer.body, 'profile_hash')), /^[0-9a-f]{64}$/),
      },
      refused('without content', 'PLP0016', async (world) => ({ at: await anyConsumer(world), body: {} }), [
        'content_type',
        'profile',
      ]),
      missingConsumer('consumer', { body: content }),
    ],
  },
  {
    section,
    method: 'GET',
    path: `${profiles}<content_type>/`,
    does: 'Retrieve a profile of a consumer',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'by its content type',
        arrange: async (world) => ({ at: await profiled(world) }),
        check: ({ answer }) => assert.deepEqual(valueAt(answer.body, 'profile'), content.profile),
      },
      noProfile,
      missingConsumer('consumer', {}, { content_type: 'rpm' }),
    ],
  },
  {
    section,
    method: 'PUT',
    path: `${profiles}<content_type>/`,
    does: 'Replace a profile of a consumer',
    rights: ['update'],
    cases: [
      {
        status: 200,
        when: 'whether there is one or not',
        arrange: async (world) => ({
          at: { ...(await anyConsumer(world)), content_type: 'new' },
          body: { profile: { other: 1 } },
        }),
        check: ({ answer }) => assert.deepEqual(valueAt(answer.body, 'profile'), { other: 1 }),
      },
      refused(
        'without content',
        'PLP0016',
        async (world) => ({ at: { ...(await anyConsumer(world)), content_type: 'rpm' }, body: {} }),
        ['profile'],
      ),
      missingConsumer('consumer', { body: { profile: [] } }, { content_type: 'rpm' }),
    ],
  },
  {
    section,
    method: 'DELETE',
    path: `${profiles}<content_type>/`,
    does: 'Delete a profile of a consumer',
    rights: ['delete'],
    cases: [
      {
        status: 200,
        when: 'for a profile, which is gone then',
        arrange: async (world) => ({ at: await profiled(world) }),
        check: ({ wanted: { at } }, world) => isGone(world, `consumers/${at?.['consumer_id']}/profiles/rpm/`),
      },
      noProfile,
      missingConsumer('consumer', {}, { content_type: 'rpm' }),
    ],
  },
  ...searches('profile/', 'Search for profiles', async (world) => ({
    consumer_id: (await profiled(world)).consumer_id,
  })),
]
