import { FormatError } from '../../../formats/format-error.ts'
import { namespaces, roots } from './namespaces.ts'
import { attributesOf } from './tag-text.ts'

/** The start tag of a file of packages. */
export interface RootTag {
  /** `metadata`, `filelists` or `otherdata`. */
  readonly name: string
  /** The tag as it is written; snippets need its namespace declarations when they are parsed. */
  readonly text: string
  /** How many packages the file says it has. */
  readonly announced: number | undefined
  /** True when snippets mean outside of this file what they mean in it: the usual namespaces, a stated number of packages. */
  readonly regular: boolean
}

/** Throws a FormatError for anything but the three roots. */
export function readRootTag(text: string): RootTag {
  const name = /^<([^\s/>]+)/.exec(text)?.[1] ?? ''
  const root = Object.values(roots).find((candidate) => candidate.name === name)
  if (root === undefined) throw new FormatError('malformed', `its root element is ${name.slice(0, 50)}`)
  const attributes = attributesOf(text)
  const announced = toCount(attributes.get('packages'))
  const regular = announced !== undefined && hasUsualNamespaces(attributes, root.namespace)
  return { name, text, announced, regular }
}

function toCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined
}

function hasUsualNamespaces(attributes: ReadonlyMap<string, string>, namespace: string): boolean {
  const declared = [...attributes].filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'))
  const usual = declared.every(([name, value]) => {
    return name === 'xmlns' ? value === namespace : name === 'xmlns:rpm' && value === namespaces.rpm
  })
  return usual && attributes.has('xmlns')
}
