import type { ConsumerServices } from '../../../operations/consumers/consumer-services.ts'
import { profileHash } from '../../../operations/consumers/profile-hash.ts'
import { anything, textLike } from '../../kit/body-fields.ts'
import { bodyShape, required } from '../../kit/body-shape.ts'
import type { Call } from '../../kit/call.ts'
import { created, ok, okStream, type Route } from '../../kit/route.ts'
import { root } from '../hrefs.ts'
import { toPulpProfile } from './consumer.ts'
import { originatorOf } from './originator.ts'

const collection = `${root}consumers/:consumer/profiles/`
const single = `${collection}:type/`

const profile = required(anything, { doc: 'What is installed, as the profiler of the content type reports it.' })

/** As ids of content types are spelled; no type of this server has to be meant. */
const contentTypePattern = /^[.\-_A-Za-z0-9]{1,255}$/

const newProfile = bodyShape({ content_type: required(textLike(contentTypePattern)), profile })
const replacement = bodyShape({ profile })

/** `/consumers/<id>/profiles/` (pulp2-api §15). */
export function profileRoutes(services: ConsumerServices): readonly Route[] {
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpConsumerProfile[]' },
      doc: 'Lists the profiles of a consumer.',
      handler: async (call) =>
        okStream((await services.profiles.of(call.param('consumer'))).values().map(toPulpProfile)),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newProfile,
      answers: { 201: 'PulpConsumerProfile' },
      doc: 'Takes the profile of a consumer for a content type; one that is there is replaced.',
      handler: (call) => postProfile(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpConsumerProfile' },
      doc: 'Shows the profile of a consumer for a content type.',
      handler: async (call) =>
        ok(toPulpProfile(await services.profiles.get(call.param('consumer'), call.param('type')))),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'object',
      shape: replacement,
      answers: { 200: 'PulpConsumerProfile' },
      doc: 'Replaces the profile of a consumer for a content type, or takes the first one.',
      handler: (call) => putProfile(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: 'Deletes the profile of a consumer for a content type.',
      handler: async (call) => {
        await services.profiles.delete(call.param('consumer'), call.param('type'))
        return ok(null)
      },
    },
  ]
}

async function postProfile(services: ConsumerServices, call: Call) {
  const read = newProfile.read(call.body)
  const wanted = { contentType: read.content_type, profile: read.profile, hash: profileHash(read.profile) }
  const printed = toPulpProfile(await services.profiles.put(call.param('consumer'), wanted, originatorOf(call)))
  return created(printed, printed._href)
}

async function putProfile(services: ConsumerServices, call: Call) {
  const read = replacement.read(call.body)
  const { content_type: contentType } = newProfile.read({ ...read, content_type: call.param('type') })
  const wanted = { contentType, profile: read.profile, hash: profileHash(read.profile) }
  return ok(toPulpProfile(await services.profiles.put(call.param('consumer'), wanted, originatorOf(call))))
}
