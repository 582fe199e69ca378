import type { IncomingMessage } from 'node:http'
import { requestId } from '../kit/request-log.ts'
import { splitTarget } from '../kit/request-target.ts'

const ids = new WeakMap<IncomingMessage, string>()

/** For log lines. The id is made when the first of them is written: most requests for content never have one. */
export function describeRequest(request: IncomingMessage): { request: string; method: string; path: string } {
  const id = ids.get(request) ?? requestId(request)
  ids.set(request, id)
  return { request: id, method: request.method ?? '', path: splitTarget(request.url ?? '')[0] }
}
