import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { PulpServer } from '../../../testing/pulp-server.ts'
import { pulpRoutes } from '../pulp-api.ts'
import { openApiDocument } from './document.ts'
import { operationOf, pathOf } from './operation.ts'
import { wireSchemas } from './wire-schemas.ts'

interface Printed {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, { properties?: Record<string, Record<string, unknown>> }> }
}

interface Operation {
  operationId: string
  security?: unknown[]
  responses: Record<string, { content?: Record<string, { schema: Record<string, unknown> }> }>
}

const routes = pulpRoutes(new PulpServer().services)
const printed: Printed = JSON.parse(JSON.stringify(openApiDocument(routes)))

describe('The API reference', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    const result = await validator.validate(JSON.parse(JSON.stringify(printed)))
    assert.deepEqual(result, { valid: true })
    assert.equal(validator.version, '3.1')
  })

  it('has every route of the table, under a name of its own', () => {
    const operations = Object.entries(printed.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    assert.deepEqual(operations.toSorted(), routes.map((route) => `${route.method} ${pathOf(route)}`).toSorted())
    const names = Object.values(printed.paths).flatMap((methods) =>
      Object.values(methods).map((operation) => operation.operationId),
    )
    assert.equal(new Set(names).size, routes.length)
  })

  it('refers to schemas that it has', () => {
    const text = JSON.stringify(printed)
    const referred = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '')
    assert.ok(referred.length > routes.length)
    assert.deepEqual(
      [...new Set(referred)].filter((name) => printed.components.schemas[name] === undefined),
      [],
    )
  })

  it('has the answers of all modules of the wire', async () => {
    const folder = new URL('../../../wire/pulp/', import.meta.url)
    const files = readdirSync(folder).filter((name) => name !== 'scalars.ts' && !name.endsWith('.test.ts'))
    for (const file of files) {
      const names = Object.keys(await import(new URL(file, folder).href))
      assert.deepEqual(
        names.filter((name) => wireSchemas[name] === undefined),
        [],
        `${file} belongs into wire-schemas.ts`,
      )
    }
  })

  it('tells which failures a call can have, all with the same body', () => {
    const create = printed.paths['/repositories/']?.['post']
    assert.deepEqual(Object.keys(create?.responses ?? {}), ['201', '400', '401', '409', '500', 'default'])
    const show = printed.paths['/repositories/{repository}/']?.['get']
    assert.deepEqual(Object.keys(show?.responses ?? {}), ['200', '400', '401', '404', '500', 'default'])
    const body = { $ref: '#/components/schemas/PulpErrorBody' }
    assert.deepEqual(show?.responses['404']?.content?.['application/json']?.schema, body)
  })

  it('marks what Pulp does not have', () => {
    const [route] = routes
    assert.ok(route)
    assert.equal('x-deckle-extension' in operationOf(route), false)
    assert.equal(operationOf({ ...route, extension: true })['x-deckle-extension'], true)
    assert.equal(
      printed.components.schemas['PulpRepository']?.properties?.['retain_versions']?.['x-deckle-extension'],
      true,
    )
    assert.equal(
      printed.components.schemas['PulpTaskReport']?.properties?.['waiting_reason']?.['x-deckle-extension'],
      true,
    )
    const bodies = JSON.stringify([printed.paths['/repositories/'], printed.paths['/repositories/{repository}/']])
    assert.equal(bodies.match(/"x-deckle-extension":true/g)?.length, 2)
  })

  it('says where nobody has to log in', () => {
    assert.deepEqual(printed.paths['/status/']?.['get']?.security, [])
    assert.equal(printed.paths['/tasks/']?.['get']?.security, undefined)
  })
})
