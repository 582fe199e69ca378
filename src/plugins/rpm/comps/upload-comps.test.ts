import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeckleError } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { groupType } from './comps-types.ts'
import { lastPosition } from './positions.ts'
import { uploadComps } from './upload-comps.ts'

const group = {
  name: 'Tools',
  description: 'What one needs',
  default: true,
  user_visible: true,
  langonly: null,
  display_order: 5,
  mandatory_package_names: ['hammer', 'saw'],
  default_package_names: [],
  optional_package_names: null,
  conditional_package_names: [['plane', 'wood']],
  translated_name: { de: 'Werkzeuge <&>' },
  translated_description: {},
}

interface Upload {
  readonly type?: string
  readonly key?: JsonObject
  readonly file?: string
  readonly held?: JsonObject
}

async function upload(metadata: JsonObject, change: Upload = {}): Promise<readonly DiscoveredUnit[]> {
  const { type = 'package_group', key = { id: 'tools', repo_id: 'r' }, file = '', held } = change
  const bytes = Buffer.from(file)
  const { units } = await uploadComps({
    repository: { id: 'r' },
    type,
    key,
    metadata,
    file: {
      size: bytes.length,
      async *read() {
        yield bytes
      },
    },
    known: async (_, key) => {
      assert.equal(key['repo_id'], 'r')
      return held && { metadata: held, documents: {} }
    },
  })
  return units
}

async function uploadOne(metadata: JsonObject, change?: Upload): Promise<DiscoveredUnit> {
  const [unit, ...more] = await upload(metadata, change)
  assert.ok(unit !== undefined && more.length === 0)
  return unit
}

const elementOf = ({ documents }: DiscoveredUnit) => String(documents?.['element'])

function refuses(uploaded: Promise<unknown>, fields?: readonly string[]): Promise<void> {
  return assert.rejects(uploaded, (error) => {
    assert.ok(error instanceof DeckleError && error.kind === 'invalid', String(error))
    if (fields !== undefined) assert.deepEqual(error.details.fields, fields)
    return true
  })
}

describe('an uploaded group', () => {
  it('is made of its key and metadata, and is published as that', async () => {
    const unit = await uploadOne(group)
    const { langonly: _, translated_name: __, translated_description: ___, ...fields } = group
    const lists = { optional_package_names: [], position: lastPosition }
    assert.deepEqual([unit.type, unit.key], ['package_group', { id: 'tools' }])
    assert.deepEqual(unit.metadata, { id: 'tools', ...fields, ...lists })
    assert.deepEqual(groupType.derivedFields?.['translated_name']?.(unit.documents ?? {}, {}), group.translated_name)
    const lines = [
      '  <group>',
      '    <id>tools</id>',
      '    <name>Tools</name>',
      '    <name xml:lang="de">Werkzeuge &lt;&amp;&gt;</name>',
      '    <description>What one needs</description>',
      '    <display_order>5</display_order>',
      '    <default>true</default>',
      '    <uservisible>true</uservisible>',
      '    <packagelist>',
      '      <packagereq type="mandatory">hammer</packagereq>',
      '      <packagereq type="mandatory">saw</packagereq>',
      '      <packagereq type="conditional" requires="wood">plane</packagereq>',
      '    </packagelist>',
      '  </group>',
    ]
    assert.equal(elementOf(unit), lines.join('\n'))
  })

  it('needs no more than an id, and is hidden then', async () => {
    const { metadata } = await uploadOne({}, { key: { id: 'tools' } })
    assert.deepEqual([metadata['id'], metadata['user_visible'], metadata['default']], ['tools', false, false])
    assert.deepEqual([metadata['display_order'], 'name' in metadata], [1024, false])
  })

  it('stands where the one stands that it replaces', async () => {
    const { metadata } = await uploadOne(group, { held: { position: '000001000000' } })
    assert.equal(metadata['position'], '000001000000')
  })

  it('is refused with what does not fit', async () => {
    await refuses(upload({}, { key: {} }), ['id'])
    for (const id of ['', ' x', 'a\nb', 'x'.repeat(256)]) await refuses(upload({}, { key: { id } }), ['id'])
    await refuses(upload({}, { key: { id: 'x', repo_id: 'other' } }), ['repo_id'])
    await refuses(upload({ other: 1, name: 5, description: 'x\0' }), ['name', 'description', 'other'])
    for (const names of [5, {}, [5], [''], ['a '], ['\0']])
      await refuses(upload({ mandatory_package_names: names }), ['mandatory_package_names'])
    for (const pairs of [['a'], [['a']], [['a', 'b', 'c']], [['a', 5]]])
      await refuses(upload({ conditional_package_names: pairs }), ['conditional_package_names'])
    for (const texts of [5, ['x'], { de: 5 }, { '': 'x' }])
      await refuses(upload({ translated_name: texts }), ['translated_name'])
    await refuses(upload({ display_order: -1, default: 'x' }), ['display_order', 'default'])
    await refuses(upload({ packagegroupids: [] }), ['packagegroupids'])
    await refuses(upload({ mandatory_package_names: ['x'.repeat(2 ** 20)] }), ['unit_metadata'])
  })
})

describe('an uploaded category or environment', () => {
  it('is made of its key and metadata', async () => {
    const category = await uploadOne({ packagegroupids: ['a', 'b'] }, { type: 'package_category' })
    assert.deepEqual([category.type, category.metadata['packagegroupids']], ['package_category', ['a', 'b']])
    assert.match(elementOf(category), /^ {2}<category>[\s\S]*<grouplist>\s*<groupid>a<\/groupid>\s*<groupid>b</)
    const options = [{ group: 'b', default: true }, { group: 'c' }]
    const environment = await uploadOne({ group_ids: ['a'], options }, { type: 'package_environment' })
    assert.deepEqual(environment.metadata['group_ids'], ['a'])
    assert.deepEqual(environment.metadata['options'], [options[0], { group: 'c', default: false }])
    assert.match(elementOf(environment), /<optionlist>\s*<groupid default="true">b<\/groupid>\s*<groupid>c</)
    for (const options of [[{}], ['b'], [{ group: 'b', default: 1 }], 5])
      await refuses(upload({ options }, { type: 'package_environment' }), ['options'])
  })
})

describe('an uploaded comps.xml', () => {
  const elements = ['<group><id>a</id></group>', '<category><id>b</id></category>', '<langpacks/>']
  const file = `<comps>${elements.join('')}<environment><id>c</id></environment></comps>`

  it('is all that it holds, whatever the client says of it', async () => {
    for (const type of ['package_group', 'package_category', 'package_environment']) {
      const units = await upload({ any: 'thing' }, { type, file, key: { id: 'z' } })
      assert.deepEqual(
        units.map((unit) => [unit.type, unit.key]),
        [
          ['package_group', { id: 'a' }],
          ['package_category', { id: 'b' }],
          ['package_langpacks', {}],
          ['package_environment', { id: 'c' }],
        ],
      )
    }
  })

  it('is refused whole when it cannot be read, or one of it has no id', async () => {
    for (const file of ['x', '<comps>', '<other/>', '<comps><group/><group><id>a</id></group></comps>'])
      await refuses(upload({}, { file }))
    const endless = `<comps><group><id>a</id><x>${'x'.repeat(2 ** 20)}</x></group></comps>`
    await refuses(upload({}, { file: endless }))
  })
})
