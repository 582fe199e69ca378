import type { UnitView } from '../../core/unit-reader.ts'
import type { Call } from '../kit/call.ts'
import { flagParameter } from '../kit/query-shape.ts'
import { type Answer, ok, okStream, type Route } from '../kit/route.ts'
import { fromPulpSearchBody, fromPulpSearchQuery, type PulpSearch } from './criteria.ts'
import { type Searchable, searchQuery, searchShape } from './criteria-shape.ts'
import { root } from './hrefs.ts'
import type { PulpServices } from './services.ts'
import { UnitPrinter } from './unit.ts'

type Services = Pick<PulpServices, 'units' | 'plugins'>

const ofType = `${root}content/units/:type/`
const single = `${ofType}:unit/`

/** `/content/units/` (pulp2-api §9.1). */
export function contentUnitRoutes(services: Services): readonly Route[] {
  return [...readRoutes(services), ...searchRoutes(services), ...userMetadataRoutes(services)]
}

function readRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'GET',
      path: ofType,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpListedUnit[]' },
      doc: 'Lists the units of a type; none of a type that there is not.',
      handler: async (call) => okStream(listed(services, call.param('type'))),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpUnit', 404: 'PulpMissingUnit' },
      doc: 'Shows a unit.',
      handler: (call) => showUnit(services, call),
    },
  ]
}

const units: Searchable = {
  objectIds: false,
  options: { include_repos: flagParameter('Adds the repositories that hold each unit.') },
}

function searchRoutes(services: Services): readonly Route[] {
  const shared = {
    path: `${ofType}search/`,
    permission: 'read',
    answers: { 200: 'PulpFoundUnit[]' },
    doc: 'Finds units of a type by criteria; none of a type that there is not.',
  } as const
  return [
    {
      ...shared,
      method: 'POST',
      body: 'object',
      shape: searchShape(units),
      handler: async (call) => {
        const search = fromPulpSearchBody(call.body, units)
        return okStream(found(services, call.param('type'), search, call.body['include_repos'] === true))
      },
    },
    {
      ...shared,
      method: 'GET',
      body: 'none',
      query: searchQuery(units),
      handler: async (call) => {
        const search = fromPulpSearchQuery(call.query, units)
        return okStream(found(services, call.param('type'), search, call.flag('include_repos')))
      },
    },
  ]
}

function userMetadataRoutes(services: Services): readonly Route[] {
  const path = `${single}pulp_user_metadata/`
  return [
    {
      method: 'GET',
      path,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpUserMetadata', 404: 'PulpMissingUnit' },
      doc: 'Shows what users wrote on a unit.',
      handler: async (call) => {
        const unit = await services.units.get(call.param('type'), call.param('unit'), {})
        return unit === undefined ? missing(call) : ok(unit.userMetadata)
      },
    },
    {
      method: 'PUT',
      path,
      permission: 'update',
      body: 'any',
      answers: { 200: null, 404: 'PulpMissingUnit' },
      doc: 'Replaces what users wrote on a unit, by any JSON value.',
      handler: async (call) => {
        const done = await services.units.setUserMetadata(call.param('type'), call.param('unit'), call.value)
        return done ? ok(null) : missing(call)
      },
    },
  ]
}

async function* listed({ units, plugins }: Services, type: string) {
  const printer = new UnitPrinter(plugins)
  for await (const unit of units.list(type, printer.parts([type]))) yield printer.listed(unit)
}

async function* found({ units, plugins }: Services, type: string, search: PulpSearch, repositories: boolean) {
  const printer = new UnitPrinter(plugins, search.fields)
  const parts = { ...printer.parts([type]), repositories }
  for await (const unit of units.search(type, search.criteria, parts)) yield printer.listed(unit)
}

async function showUnit({ units, plugins }: Services, call: Call): Promise<Answer> {
  const [type, printer] = [call.param('type'), new UnitPrinter(plugins)]
  const unit: UnitView | undefined = await units.get(type, call.param('unit'), printer.parts([type]))
  return unit === undefined ? missing(call) : ok(printer.single(unit))
}

/** A text, not the error object that everything else answers (pulp2-api §2.4). */
function missing(call: Call): Answer {
  return { status: 404, json: `There is no unit ${call.param('unit')} of the type ${call.param('type')}` }
}
