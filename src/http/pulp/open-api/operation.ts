import type { JsonObject } from '../../../core/json.ts'
import type { QueryParameter, Route } from '../../kit/route.ts'
import { root } from '../hrefs.ts'

/** The path of a route below the API's root, as OpenAPI spells it: `/tasks/{task}/`. */
export function pathOf(route: Pick<Route, 'path'>): string {
  return `/${route.path.slice(root.length)}`.replaceAll(/:(\w+)/g, '{$1}')
}

/** A route as an operation of the API reference. */
export function operationOf(route: Route): JsonObject {
  const body = bodyOf(route)
  const mediaType = route.body === 'stream' ? 'application/octet-stream' : 'application/json'
  return {
    operationId: operationId(route),
    tags: [tagOf(route)],
    summary: route.doc,
    description: describe(route),
    ...(route.extension && { 'x-deckle-extension': true }),
    ...(route.permission === 'public' && { security: [] }),
    parameters: [...pathParameters(route), ...queryParameters(route.query ?? {})],
    ...(body !== undefined && {
      requestBody: { required: route.body !== 'optional', content: { [mediaType]: { schema: body } } },
    }),
    responses: { ...successes(route), ...failures(route) },
  }
}

/** What the operation belongs to: the collection, and the one below a single thing of it. */
export function tagOf(route: Pick<Route, 'path'>): string {
  const [collection = '', single, below] = segmentsOf(route)
  const nested = single?.startsWith(':') && below !== undefined && collectionsBelow.has(below)
  return nested ? `${collection} ${below}` : collection
}

const collectionsBelow = new Set(['importers', 'distributors', 'history'])

function segmentsOf(route: Pick<Route, 'path'>): readonly string[] {
  return route.path.slice(root.length, -1).split('/')
}

/** `GET /tasks/:task/` is `getTasksByTask`. */
function operationId(route: Route): string {
  const words = segmentsOf(route).flatMap((segment) => segment.replace(':', 'by_').split('_'))
  return route.method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

function describe({ permission, extension }: Route): string {
  const wanted = [permission].flat().join(' or ').toUpperCase()
  const who = permission === 'public' ? 'Asks nobody who they are.' : `Needs the permission ${wanted} on this path.`
  return extension ? `${who} An addition of Deckle's: Pulp does not have it.` : who
}

function pathParameters(route: Route): readonly JsonObject[] {
  const names = segmentsOf(route).filter((segment) => segment.startsWith(':'))
  return names.map((name) => ({ name: name.slice(1), in: 'path', required: true, schema: { type: 'string' } }))
}

function queryParameters(query: Readonly<Record<string, QueryParameter>>): readonly JsonObject[] {
  return Object.entries(query).map(([name, { doc, schema, repeated, extension }]) => ({
    name,
    in: 'query',
    description: doc,
    schema: repeated ? { type: 'array', items: schema } : schema,
    ...(extension && { 'x-deckle-extension': true }),
  }))
}

function bodyOf(route: Route): JsonObject | undefined {
  if (route.body === 'none') return undefined
  if (route.body === 'array') return { type: 'array', items: route.items?.schema ?? {} }
  if (route.body === 'any' || route.body === 'stream') return {}
  return route.shape?.schema ?? { type: 'object' }
}

const reasons: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Made.',
  202: 'Queued.',
  204: 'Done.',
  400: 'The request is wrong; the error says where.',
  401: 'Nobody is logged in, or they may not do this.',
  404: 'There is no such thing.',
  409: 'The id is in use.',
  500: 'The server failed.',
}

function successes(route: Route): JsonObject {
  const answers = Object.entries(route.answers ?? {}).map(([status, name]) => {
    const location = { Location: { description: 'Path of what was made.', schema: { type: 'string' } } }
    return [
      status,
      {
        description: reasons[Number(status)] ?? 'Answered.',
        ...(status === '201' && { headers: location }),
        ...(status !== '204' && { content: { 'application/json': { schema: answerSchema(name) } } }),
      },
    ]
  })
  return Object.fromEntries(answers)
}

/** Many calls that have nothing to say answer `null`. */
function answerSchema(name: string | null): JsonObject {
  if (name === null) return { type: 'null' }
  if (name.endsWith('[]')) return { type: 'array', items: answerSchema(name.slice(0, -2)) }
  return { $ref: `#/components/schemas/${name}` }
}

/** The failures that such a call can have; all others look alike. */
function failures(route: Route): JsonObject {
  const named = segmentsOf(route).some((segment) => segment.startsWith(':'))
  const told = route.body !== 'none' || route.query !== undefined || named
  const statuses = [
    ...(told ? [400] : []),
    ...(route.permission === 'public' ? [] : [401]),
    ...(named ? [404] : []),
    ...(route.answers?.[201] === undefined ? [] : [409]),
    500,
  ].filter((status) => route.answers?.[status] === undefined)
  const failure = (description: string) => ({ ...errorAnswer, description })
  const listed = statuses.map((status) => [status, failure(reasons[status] ?? 'Failed.')])
  return { ...Object.fromEntries(listed), default: failure('Any other failure.') }
}

const errorAnswer = { content: { 'application/json': { schema: { $ref: '#/components/schemas/PulpErrorBody' } } } }
