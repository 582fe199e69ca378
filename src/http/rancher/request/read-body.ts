import type { IncomingMessage } from 'node:http'
import { DeckleError } from '../../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.ts'
import { parseJsonValue } from '../../kit/json-body.ts'
import { RancherError } from '../errors.ts'
import type { Input } from './call.ts'
import { type Query, readQuery } from './query.ts'

const maxMultipartBytes = 100 * 1024

/**
 * JSON whatever the content type says, then forms (rancher-api §1.2). JSON that is no object counts as nothing. Throws 400
 * `InvalidBodyContent`, or 413.
 */
export async function readInput(request: IncomingMessage, query: Query, maxBytes: number): Promise<Input> {
  const type = request.headers['content-type'] ?? ''
  const isMultipart = /^\s*multipart\/form-data/i.test(type)
  const bytes = await readBytes(request, isMultipart ? Math.min(maxMultipartBytes, maxBytes) : maxBytes)
  if (isMultipart) return { fields: {}, parameters: join(query, await readMultipart(bytes, type)) }
  if (bytes.toString('latin1').trim() === '') return { fields: {}, parameters: query }
  try {
    return { fields: objectOf(parseJsonValue(bytes)), parameters: query }
  } catch (error) {
    if (!/^\s*application\/x-www-form-urlencoded/i.test(type)) throw error
    return { fields: {}, parameters: join(query, readQuery(bytes.toString('utf8'))) }
  }
}

async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length']) > maxBytes) throw RancherError.plain(413)
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk)
      length += chunk.length
      if (length > maxBytes) throw RancherError.plain(413)
    }
  } catch (cause) {
    if (cause instanceof RancherError) throw cause
    const message = 'The connection ended before the request did'
    throw new DeckleError('invalid', message, { code: 'body-not-json' }, { cause })
  }
  return Buffer.concat(chunks)
}

function objectOf(value: Json): JsonObject {
  return isJsonObject(value) ? value : {}
}

async function readMultipart(bytes: Buffer, type: string): Promise<Query> {
  try {
    const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData()
    const fields = [...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    return readQuery(new URLSearchParams(fields).toString())
  } catch {
    throw RancherError.coded(400, 'InvalidBodyContent', 'The request body is not a multipart form')
  }
}

/** A form's fields come after those of the query, and so win. */
function join(query: Query, form: Query): Query {
  return readQuery(
    new URLSearchParams(
      [...query.entries, ...form.entries].map(([name, value]): [string, string] => [name, value]),
    ).toString(),
  )
}
