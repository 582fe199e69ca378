import type { Json, JsonObject } from '../../core/json.ts'
import { bodyShape, nested, required } from '../kit/body-shape.ts'
import { jsonText } from '../kit/query-shape.ts'
import { okStream, type QueryParameter, type Route } from '../kit/route.ts'
import {
  associationCriteriaShape,
  fromPulpAssociationCriteria,
  type PulpAssociationSearch,
  toSearch,
} from './association-criteria.ts'
import { jsonParameter } from './criteria.ts'
import { root } from './hrefs.ts'
import type { PulpServices } from './services.ts'
import { AssociationPrinter, UnitPrinter } from './unit.ts'

type Services = Pick<PulpServices, 'units' | 'plugins'>

const searchBody = bodyShape({ criteria: required(nested(associationCriteriaShape)) })

/** `/repositories/<id>/search/units/` (pulp2-api §7). */
export function searchUnitsRoutes(services: Services): readonly Route[] {
  const shared = {
    path: `${root}repositories/:repository/search/units/`,
    permission: 'read',
    answers: { 200: 'PulpUnitAssociation[]' },
    doc: 'Finds units of a repository, in its latest version.',
  } as const
  return [
    {
      ...shared,
      method: 'POST',
      body: 'object',
      shape: searchBody,
      handler: async (call) => {
        const { criteria } = searchBody.read(call.body)
        return okStream(found(services, call.param('repository'), toSearch(criteria)))
      },
    },
    {
      ...shared,
      method: 'GET',
      body: 'none',
      query: parameters,
      handler: async (call) => {
        const search = fromPulpAssociationCriteria(fromQuery(call.query))
        return okStream(found(services, call.param('repository'), search))
      },
    },
  ]
}

const inJson = ['filters', 'sort', 'fields']

/** The members of the criteria; `type_ids` may come several times. */
const parameters: Readonly<Record<string, QueryParameter>> = Object.fromEntries(
  Object.entries(associationCriteriaShape.schema['properties'] as Record<string, JsonObject>).map(([name, schema]) => [
    name,
    {
      doc: String(schema['description']),
      schema: inJson.includes(name) ? jsonText(schema) : { type: 'string' },
      ...(name === 'type_ids' && { repeated: true }),
    } satisfies QueryParameter,
  ]),
)

function fromQuery(query: URLSearchParams): JsonObject {
  const criteria: Record<string, Json> = {}
  for (const [name, value] of query) {
    if (name === 'type_ids') criteria[name] = query.getAll(name)
    else criteria[name] = inJson.includes(name) ? jsonParameter(name, value) : value
  }
  return criteria
}

async function* found({ units, plugins }: Services, repository: string, search: PulpAssociationSearch) {
  const printer = new UnitPrinter(plugins, search.unitFields)
  const associations = new AssociationPrinter(printer, search.associationFields)
  const { criteria } = search
  const parts = printer.parts(criteria.types)
  for await (const one of units.associations(repository, criteria, parts)) yield associations.print(one)
}
