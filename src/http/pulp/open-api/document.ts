import type { JsonObject } from '../../../core/json.ts'
import type { Route } from '../../kit/route.ts'
import { root } from '../hrefs.ts'
import { operationOf, pathOf, tagOf } from './operation.ts'
import { componentSchemas } from './wire-schemas.ts'

const about = `Deckle answers as Pulp 2.8 does. What is marked with \`x-deckle-extension\` is an addition of Deckle's that Pulp does \
not have. In the body of a request, null stands for an absent member unless the member says otherwise; members that are not \
described are ignored unless the body is closed. All dates are UTC.`

/** The API reference, OpenAPI 3.1, of these routes. Brings the schemas of the wire with it, so import it when it is asked for. */
export function openApiDocument(routes: readonly Route[]): JsonObject {
  return {
    openapi: '3.1.0',
    info: { title: 'Deckle: the Pulp 2 REST API', version: '2', description: about, license },
    servers: [{ url: root.slice(0, -1) }],
    security: [{ basic: [] }, { token: [] }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    paths: pathsOf(routes),
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'A login and its password.' },
        token: { type: 'http', scheme: 'bearer', description: 'A token of the server.' },
      },
    },
  }
}

const license = { name: 'Apache-2.0', identifier: 'Apache-2.0' }

function pathsOf(routes: readonly Route[]): JsonObject {
  const paths = [...Map.groupBy(routes, pathOf)].map(([path, rows]) => [
    path,
    Object.fromEntries(rows.map((route) => [route.method.toLowerCase(), operationOf(route)])),
  ])
  return Object.fromEntries(paths)
}
