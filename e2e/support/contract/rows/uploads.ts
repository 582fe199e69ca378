import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { listAt, missing, refused, saysNothing, shown, valueAt } from '../expect.ts'
import type { Operation } from '../operation.ts'
import { bare, demo } from '../scenes.ts'
import type { World } from '../world.ts'

const base = '/pulp/api/v2/content/uploads/'

/** An upload with some bytes. */
async function anUpload(world: World, bytes = 'some bytes'): Promise<{ readonly upload: string }> {
  const upload = String(valueAt(await world.make('POST', 'content/uploads/'), 'upload_id'))
  await world.make('PUT', `content/uploads/${upload}/0/`, bytes)
  return { upload }
}

/** A repository of files, and the request that makes a unit of an upload in it. */
async function anImport(world: World, bytes = 'some bytes') {
  const repo_id = world.name('files')
  await world.make('POST', 'repositories/', { id: repo_id, importer_type_id: 'iso_importer' })
  const { upload } = await anUpload(world, bytes)
  const checksum = createHash('sha256').update('some bytes').digest('hex')
  const unit_key = { name: world.name('file'), checksum, size: 10 }
  return { at: { repo_id, upload }, body: { upload_id: upload, unit_type_id: 'iso', unit_key } }
}

/** pulp2-api §9.3, §7. */
export const uploads: readonly Operation[] = [
  {
    section: '§9.3',
    method: 'GET',
    path: base,
    does: 'List the uploads',
    rights: ['read'],
    cases: [
      {
        status: 200,
        when: 'with their ids',
        arrange: async (world) => ({ at: await anUpload(world) }),
        check: ({ answer, wanted }) => assert.ok(listAt(answer.body, 'upload_ids').includes(wanted.at?.['upload'])),
      },
    ],
  },
  {
    section: '§9.3',
    method: 'POST',
    path: base,
    does: 'Make an upload',
    rights: ['create'],
    cases: [
      {
        status: 201,
        when: 'without a body',
        arrange: () => ({}),
        check: ({ answer }) =>
          assert.equal(valueAt(answer.body, '_href'), `${base}${valueAt(answer.body, 'upload_id')}/`),
      },
      { status: 201, when: 'with an empty object', arrange: () => ({ body: {} }) },
      refused('for a body that is no object', 'PLP1015', () => ({ body: [] })),
    ],
  },
  {
    section: '§9.3',
    method: 'PUT',
    path: `${base}<upload>/<offset>/`,
    does: 'Write bytes into an upload',
    rights: ['update'],
    cases: [
      {
        status: 200,
        when: 'for bytes of any kind, anywhere, and again',
        arrange: async (world) => ({ at: { ...(await anUpload(world)), offset: '1000' }, body: '}{ no JSON' }),
        check: async (seen, world) => {
          saysNothing(seen)
          const { upload } = seen.wanted.at ?? {}
          assert.equal(await world.make('PUT', `content/uploads/${upload}/1000//`, '}{ no JSON'), null)
        },
      },
      refused(
        'for an offset that is no number',
        'PLP0015',
        async (world) => ({ at: { ...(await anUpload(world)), offset: 'x' }, body: 'bytes' }),
        ['offset'],
      ),
      missing('an upload', () => ({ at: { upload: 'missing', offset: '0' }, body: 'bytes' }), {
        upload_request: 'missing',
      }),
    ],
  },
  {
    section: '§9.3',
    method: 'DELETE',
    path: `${base}<upload>/`,
    does: 'Delete an upload',
    rights: ['delete'],
    cases: [
      {
        status: 200,
        when: 'for one that is there',
        arrange: async (world) => ({ at: await anUpload(world) }),
        check: async (seen, world) => {
          saysNothing(seen)
          const left = listAt(await shown(world, 'content/uploads/'), 'upload_ids')
          assert.ok(!left.includes(seen.wanted.at?.['upload']))
        },
      },
      { status: 200, when: 'for one that is not there', arrange: () => ({ at: { upload: 'x' } }), check: saysNothing },
    ],
  },
  {
    section: '§7',
    method: 'POST',
    path: '/pulp/api/v2/repositories/<repo_id>/actions/import_upload/',
    does: 'Make a unit of an upload',
    rights: ['update'],
    tags: ['pulp:action:import_upload', 'pulp:repository:<repo_id>'],
    differs: ['A file that the server has already is put into the repository too, where 2.8 refused it.'],
    cases: [
      {
        status: 202,
        when: 'for a file',
        asks: ['upload_id', 'unit_type_id', 'unit_key'],
        arrange: (world) => anImport(world),
        check: async ({ tasks, wanted }, world) => {
          assert.deepEqual(tasks[0]?.result, { success_flag: true, summary: null, details: null })
          const repository = await shown(world, `repositories/${wanted.at?.['repo_id']}/`)
          assert.deepEqual(valueAt(repository, 'content_unit_counts'), { iso: 1 })
        },
      },
      {
        status: 202,
        when: 'for a type without a file, with its metadata',
        asks: ['unit_metadata'],
        arrange: async (world) => {
          const upload_id = valueAt(await world.make('POST', 'content/uploads/'), 'upload_id')
          const unit = { unit_type_id: 'demo_text', unit_key: { name: 'hello' }, unit_metadata: { text: 'hi' } }
          return { at: await demo(world), body: { upload_id, ...unit } }
        },
        check: ({ tasks }) => assert.deepEqual(tasks[0]?.result, { success_flag: true, summary: '', details: {} }),
      },
      {
        status: 202,
        when: 'with an override, which here lets a wrong checksum pass',
        asks: ['override_config'],
        arrange: async (world) => {
          const { at, body } = await anImport(world, 'others')
          return { at, body: { ...body, override_config: { validate: false } } }
        },
      },
      {
        status: 202,
        when: 'for bytes that are not what the key says, whose task is an error',
        ends: 'error',
        code: 'PLP0047',
        arrange: (world) => anImport(world, 'others'),
        check: ({ tasks, wanted }) => {
          const data = tasks[0]?.error?.data ?? {}
          const { summary, ...rest } = data
          assert.match(String(summary), /size is 6 bytes/)
          const names = {
            importer_id: 'iso_importer',
            unit_type: 'iso',
            repo_id: wanted.at?.['repo_id'],
            details: null,
          }
          assert.deepEqual(rest, names)
        },
      },
      {
        status: 202,
        when: 'for an upload that is missing, whose task is an error',
        ends: 'error',
        code: 'PLP0009',
        arrange: async (world) => {
          const { at, body } = await anImport(world)
          return { at, body: { ...body, upload_id: 'missing' } }
        },
        check: ({ tasks }) => assert.deepEqual(tasks[0]?.error?.data, { resources: { upload_request: 'missing' } }),
      },
      {
        status: 202,
        when: 'for a type that the importer does not take, whose task is an error',
        ends: 'error',
        code: 'PLP0015',
        arrange: async (world) => {
          const { at, body } = await anImport(world)
          return { at, body: { ...body, unit_type_id: 'rpm' } }
        },
      },
      {
        status: 202,
        when: 'for a repository without an importer, whose task is an error',
        ends: 'error',
        code: 'PLP0009',
        arrange: async (world) => ({ at: await bare(world), body: (await anImport(world)).body }),
      },
      {
        status: 202,
        when: 'for a repository that is missing, whose task is an error',
        ends: 'error',
        code: 'PLP0009',
        arrange: async (world) => ({ at: { repo_id: 'missing' }, body: (await anImport(world)).body }),
        check: ({ tasks }) => assert.deepEqual(tasks[0]?.error?.data, { resources: { repository: 'missing' } }),
      },
      refused('for a body that names nothing', 'PLP0016', async (world) => ({ at: await bare(world), body: {} }), [
        'upload_id',
        'unit_type_id',
        'unit_key',
      ]),
    ],
  },
]
