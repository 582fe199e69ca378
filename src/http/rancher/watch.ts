import type { IncomingMessage } from 'node:http'
import { DeckleError } from '../../core/errors.ts'
import { type JsonObject, toJsonObject } from '../../core/json.ts'
import { splitTarget } from '../kit/request-target.ts'
import { showOne } from './answers/look-at.ts'
import { requireVisible } from './answers/visible.ts'
import { toRancherError } from './errors.ts'
import { admit } from './request/admit.ts'
import type { Call } from './request/call.ts'
import { readQuery } from './request/query.ts'
import { readPath } from './request/target-path.ts'
import { urlsOf } from './request/urls.ts'
import { mayDo } from './schema/type-schema.ts'
import type { RancherServices } from './services.ts'
import { typeOfRow, types } from './types/index.ts'

const shown = [...new Set(types.flatMap(({ stored }) => stored))]

/** What somebody sees of a resource that has changed, as an event tells it. */
export interface SeenResource {
  readonly type: string
  readonly id: string
  readonly resource: JsonObject
}

/** How the caller of `/v1/subscribe` sees resources; undefined for those that he does not. Throws kind `unauthenticated` or `forbidden`. */
export async function watchAs(
  services: RancherServices,
  request: IncomingMessage,
): Promise<(key: number) => Promise<SeenResource | undefined>> {
  const call = await admittedCall(services, request)
  return async (key) => {
    try {
      return await see(services, call, key)
    } catch (error) {
      if (error instanceof DeckleError && error.kind === 'not-found') return undefined
      throw error
    }
  }
}

async function see(services: RancherServices, call: Call, key: number): Promise<SeenResource | undefined> {
  const { type } = await services.resources.get(shown, key)
  const schema = typeOfRow(type)
  if (!mayDo(schema, call.caller.role, 'get')) return undefined
  const printed = await showOne(services, call, await requireVisible(services, call.caller, schema, key))
  return { type: printed.type, id: printed.id, resource: toJsonObject(printed) }
}

async function admittedCall(services: RancherServices, request: IncomingMessage): Promise<Call> {
  const { url = '', headers } = request
  const path = readPath(url)
  if (path === undefined) throw new DeckleError('forbidden', 'There is nothing to subscribe to here')
  const query = readQuery(splitTarget(url)[1])
  try {
    const caller = await admit(services, path, query, headers)
    return {
      method: 'GET',
      path,
      query,
      caller,
      urls: urlsOf(path, request),
      body: async () => ({ fields: {}, parameters: query }),
    }
  } catch (error) {
    const { status, message } = toRancherError(error)
    throw status === 403 ? new DeckleError('forbidden', message) : error
  }
}
