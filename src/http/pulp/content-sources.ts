import type { ContentSource } from '../../core/content-source.ts'
import { invalid } from '../../core/errors.ts'
import { maskSecrets } from '../../core/secrets.ts'
import { findSource } from '../../operations/content-sources/refresh-sources.ts'
import type { Call } from '../kit/call.ts'
import { accepted, ok, type Route } from '../kit/route.ts'
import { toPulpCallReport } from './call-report.ts'
import { hrefs, root } from './hrefs.ts'
import type { PulpServices } from './services.ts'

/** `/content/sources/` and `/content/catalog/` (pulp2-api §9.4). */
export function contentSourceRoutes(services: PulpServices): readonly Route[] {
  const collection = `${root}content/sources/`
  const single = `${collection}:source/`
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpContentSource[]' },
      doc: 'Lists the alternate content sources that the files of the server declare.',
      handler: async () => ok((await services.contentSources.list()).map(toPulpContentSource)),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpContentSource' },
      doc: 'Shows one alternate content source.',
      handler: async (call) => ok(toPulpContentSource(await findSource(services.contentSources, call.param('source')))),
    },
    {
      method: 'POST',
      path: `${collection}action/:action/`,
      permission: 'update',
      body: 'none',
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues the reading of the catalogs of all content sources that are enabled; the action is refresh.',
      handler: async (call) => {
        requireRefresh(call)
        return accepted(toPulpCallReport([await services.operations.refreshContentSources()]))
      },
    },
    {
      method: 'POST',
      path: `${single}action/:action/`,
      permission: 'update',
      body: 'none',
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues the reading of the catalog of a content source; the action is refresh.',
      handler: async (call) => {
        requireRefresh(call)
        return accepted(toPulpCallReport([await services.operations.refreshContentSource(call.param('source'))]))
      },
    },
    {
      method: 'DELETE',
      path: `${root}content/catalog/:source/`,
      permission: 'delete',
      body: 'none',
      answers: { 200: 'PulpDeletedEntries' },
      doc: 'Forgets the catalog of a content source, until it is read again.',
      handler: async (call) => ok({ deleted: await services.contentCatalog.clear(call.param('source')) }),
    },
  ]
}

function requireRefresh(call: Call): void {
  const action = call.param('action')
  if (action !== 'refresh') throw invalid(`bad request: there is no action ${action}, only refresh`)
}

function toPulpContentSource(source: ContentSource) {
  return {
    ...maskSecrets(source.entries, ['proxy_password', 'basic_auth_password']),
    source_id: source.id,
    _href: hrefs.contentSource(source.id),
  }
}
