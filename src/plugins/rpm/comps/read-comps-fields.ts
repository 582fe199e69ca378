import { ownerField } from '../../../core/owned-unit.ts'
import type { UploadRun } from '../../../core/upload.ts'
import type { XmlElement } from '../../../formats/xml.ts'
import { branch, leaf } from './comps-element.ts'
import { categoryType, environmentType, groupType } from './comps-types.ts'
import { maxIdLength } from './comps-unit.ts'
import { UploadedFields } from './uploaded-fields.ts'

type Run = Pick<UploadRun<unknown>, 'repository' | 'type' | 'key' | 'metadata'>

interface Kind {
  readonly name: string
  readonly own: (fields: UploadedFields) => readonly XmlElement[]
}

const kinds: Readonly<Record<string, Kind>> = {
  [groupType.id]: { name: 'group', own: ofGroup },
  [categoryType.id]: { name: 'category', own: ofCategory },
  [environmentType.id]: { name: 'environment', own: ofEnvironment },
}

/** The element that key and metadata of an upload describe (pulp2-types §5.1, §5.5). Throws kind `invalid`. */
export function readCompsFields({ repository, type, key, metadata }: Run): XmlElement {
  const { name, own } = kinds[type] ?? unknownType(type)
  const fields = new UploadedFields({ ...metadata, ...key })
  const element = branch(name, [...ofAll(fields), ...own(fields)])
  const owner = fields.text(ownerField)
  if (owner !== '' && owner !== repository.id)
    fields.refuse(ownerField, `${ownerField} must be ${repository.id}, the repository that gets the unit`)
  fields.finish(type)
  return element
}

function unknownType(type: string): never {
  throw new Error(`${type} is none of comps.xml`)
}

function ofAll(fields: UploadedFields): readonly XmlElement[] {
  const [id, order] = [fields.text('id'), fields.integer('display_order')]
  if (id === '' || id.length > maxIdLength || /^\s|\s$|\p{Cc}/u.test(id))
    fields.refuse('id', 'id must be a line of text that is not empty')
  return [
    leaf('id', id),
    leaf('name', fields.text('name')),
    ...translated(fields, 'name'),
    leaf('description', fields.text('description')),
    ...translated(fields, 'description'),
    ...(order === undefined ? [] : [leaf('display_order', String(order))]),
  ]
}

function translated(fields: UploadedFields, name: string): readonly XmlElement[] {
  return fields.translations(`translated_${name}`).map(([language, text]) => leaf(name, text, { 'xml:lang': language }))
}

function ofGroup(fields: UploadedFields): readonly XmlElement[] {
  const ofType = (type: string) =>
    fields.names(`${type}_package_names`).map((name) => leaf('packagereq', name, { type }))
  const conditional = fields.pairs('conditional_package_names')
  const langonly = fields.text('langonly')
  const packages = [
    ...['mandatory', 'default', 'optional'].flatMap(ofType),
    ...conditional.map(([name, requires]) => leaf('packagereq', name, { type: 'conditional', requires })),
  ]
  return [
    leaf('default', String(fields.flag('default'))),
    leaf('uservisible', String(fields.flag('user_visible'))),
    ...(langonly === '' ? [] : [leaf('langonly', langonly)]),
    branch('packagelist', packages),
  ]
}

function ofCategory(fields: UploadedFields): readonly XmlElement[] {
  return [groupList(fields.names('packagegroupids'))]
}

function ofEnvironment(fields: UploadedFields): readonly XmlElement[] {
  const options = fields
    .options('options')
    .map(({ group, isDefault }) => leaf('groupid', group, isDefault ? { default: 'true' } : {}))
  return [groupList(fields.names('group_ids')), branch('optionlist', options)]
}

function groupList(ids: readonly string[]): XmlElement {
  return branch(
    'grouplist',
    ids.map((id) => leaf('groupid', id)),
  )
}
