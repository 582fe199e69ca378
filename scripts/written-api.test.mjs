import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mendJson } from './written-api/mend-json.mjs'
import { readSections } from './written-api/read-sections.mjs'

const text = `
D.1. Things

D.1.1. Make a Thing

It makes a thing.

Method: POST

Path: \`/pulp/api/v2/things/<thing_id>/

Permission: create

Request Body Contents:

  • id (string) - its id
  • notes (object) - (optional) what it is

Response Codes:

  • 201- if it was made
  • 409 - if it was there

Sample Request:

{
 "id": "a",
}

Sample 201 Response Body:

[
 {
  "id": "a"
 }
]

Tags: The task has these: pulp:action:make, pulp:thing:<thing_id>

Method: GET

Permission: read

Path: /pulp/api/v2/things/

Query Parameters:

  • limit (integer) - (optional) how many

For example: /v2/things/?field=id&field=name&limit=20Response Codes:

  • 200 - if there are any

D.1.2. What a Thing Is

Example Thing:

{
 "size": 1, # in metres
 "parts": []
}
`

describe('the reader of a written API', () => {
  const { operations, objects } = readSections(text)

  it('finds each call of a section with what is said of it, and not a sentence', () => {
    assert.deepEqual(operations, [
      {
        section: 'D.1.1',
        method: 'POST',
        path: '/pulp/api/v2/things/<thing_id>/',
        permission: 'create',
        query: [],
        body: { id: 'string', notes: 'object?' },
        statuses: [201, 409],
        tags: ['pulp:action:make', 'pulp:thing:<thing_id>'],
        request: { id: 'a' },
        response: [{ id: 'a' }],
      },
      {
        section: 'D.1.1',
        method: 'GET',
        path: '/pulp/api/v2/things/',
        permission: 'read',
        query: ['limit', 'field'],
        body: {},
        statuses: [200],
      },
    ])
  })

  it('finds the objects that are shown by an example', () => {
    assert.deepEqual(objects, [{ section: 'D.1.2', object: { size: 1, parts: [] } }])
  })
})

describe('the mender of JSON', () => {
  it('takes commas after the last member, comments and ellipses away', () => {
    assert.deepEqual(mendJson('{\n...\n"a": [1, 2,], # two\n"b": {},\n}'), { a: [1, 2], b: {} })
  })

  it('leaves alone what can be parsed', () => {
    assert.deepEqual(mendJson('{"a": ",]", "b": "# none"}'), { a: ',]', b: '# none' })
  })

  it('gives up on what it does not understand', () => {
    assert.throws(() => mendJson('{"a": }'), SyntaxError)
  })
})
