import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { referenceFiles } from '../src/http/pulp/open-api/reference-files.ts'
import { pulpRoutes } from '../src/http/pulp/pulp-api.ts'
import { serverKeyFile } from '../src/http/pulp/server-key-file.ts'
import { PulpServer } from '../src/testing/pulp-server.ts'
import { unlikeSample } from './support/contract/compare-sample.ts'
import { whatIsNotShown } from './support/contract/coverage.ts'
import { decisions } from './support/contract/decisions.ts'
import type { Operation } from './support/contract/operation.ts'
import { decisionsOf, printCompatibility } from './support/contract/print-compatibility.ts'
import { pathOf } from './support/contract/run-case.ts'
import { furtherRows, writtenRows } from './support/contract/table.ts'
import { type WrittenOperation, writtenApi, writtenOperation } from './support/contract/written-api.ts'
import { inProject } from './support/project.ts'

const nameOf = ({ section, method }: Pick<Operation, 'section' | 'method'>) => `${section} ${method}`

describe('the table of the Pulp API', () => {
  it('has one row for every call of the written API, and no other', () => {
    assert.deepEqual(writtenRows.map(nameOf).toSorted(), writtenApi.operations.map(nameOf).toSorted())
  })

  for (const row of writtenRows) {
    it(`shows everything that is documented of ${nameOf(row)}`, () => {
      const written = writtenOperation(row.section, row.method)
      assert.ok(written)
      assert.deepEqual(whatIsNotShown(row, written), [])
    })
  }

  it('has one row for every route of the server', () => {
    const plain = (path: string) => path.replaceAll(/<\w+>|:\w+/g, '*')
    const rows = [...writtenRows, ...furtherRows].map((row) => `${row.method} ${plain(row.route ?? pathOf(row))}`)
    const { services } = new PulpServer()
    const routes = pulpRoutes(services)
    const documents = referenceFiles(routes).filter(({ path }) => /(\/|\.json)$/.test(path))
    const files = [...documents, serverKeyFile(services)].map(({ path }) => ({ method: 'GET', path }))
    const served = [...routes, ...files]
    assert.deepEqual(
      [...new Set(rows)].toSorted(),
      served.map(({ method, path }) => `${method} ${plain(path)}`).toSorted(),
    )
  })

  it('names each decision where it shows', () => {
    const rows = [...writtenRows, ...furtherRows]
    const named = new Set<string>(rows.flatMap(decisionsOf))
    assert.deepEqual(
      Object.keys(decisions).filter((number) => !named.has(number)),
      [],
    )
  })

  it('is what docs/pulp2-compatibility.md says; else run node scripts/print-compatibility.mjs', () => {
    assert.equal(readFileSync(inProject('docs/pulp2-compatibility.md'), 'utf8'), printCompatibility())
  })
})

describe('the comparison with a sample', () => {
  const sample = { id: 'a', notes: { x: '1' }, list: [{ at: null }], none: [] }

  it('takes other values of the same types, more members, longer lists, and other notes', () => {
    const actual = { id: 'b', notes: { y: 2 }, list: [{ at: null, more: 1 }, { at: null }], none: [1], more: true }
    assert.deepEqual(unlikeSample(sample, actual), [])
  })

  it('names what is missing and what has another type, null too', () => {
    assert.deepEqual(unlikeSample(sample, { id: 1, notes: { x: 1 }, list: [{ at: 'now' }] }), [
      'id',
      'list[].at',
      'none',
      'notes.x',
    ])
  })

  it('names a word of the API that is another one', () => {
    assert.deepEqual(unlikeSample({ _ns: 'repos' }, { _ns: 'repositories' }), ['_ns'])
  })

  it('is not content with an empty list where the sample has an element, nor with no list', () => {
    assert.deepEqual(unlikeSample(sample, { ...sample, list: [] }), ['list[]'])
    assert.deepEqual(unlikeSample([sample], sample), [''])
  })
})

describe('the completeness of a row', () => {
  const written: WrittenOperation = {
    section: 'D.1.1.9',
    method: 'DELETE',
    path: '/pulp/api/v2/things/',
    permission: 'delete',
    query: ['state'],
    body: { force: 'boolean?' },
    statuses: [202, 404],
    tags: ['pulp:action:delete'],
    request: { id: 'a' },
    taskResult: {},
  }
  const row = { section: 'D.1.1.9', method: 'DELETE', does: 'Delete a thing', rights: ['delete'] } as const

  it('is a case for each status, input and sample that is documented, its tags and its permission', () => {
    const arrange = () => ({})
    const cases = [{ status: 202, when: 'so', asks: ['state', 'force'], sample: true as const, like: {}, arrange }]
    const complete = { ...row, tags: ['pulp:action:delete'], never: { 404: 'it is always there' }, cases }
    assert.deepEqual(whatIsNotShown(complete, written), [])
  })

  it('misses everything where there are no cases', () => {
    assert.deepEqual(whatIsNotShown({ ...row, rights: ['read'], cases: [] }, written), [
      ...['status 202', 'status 404', 'input state', 'input force', 'its sample request', 'its sample of an answer'],
      ...['tag pulp:action:delete', 'permission delete'],
    ])
  })
})
