import { FormatError } from '../../../formats/format-error.ts'
import { childOf, type XmlElement } from '../../../formats/xml.ts'
import { escapeAttribute, escapeText } from '../../../formats/xml-text.ts'

/** More than any repository has, of each kind; characters of one. */
const [most, maxLength] = [100, 500]

/** What a repository says of itself in repomd.xml (`createrepo_c --content --repo --distro`). */
export interface RepomdTags {
  /** What kind of packages it has: `binary-x86_64`. */
  readonly content: readonly string[]
  readonly repo: readonly string[]
  /** What it is made for. */
  readonly distro: readonly DistroTag[]
}

export interface DistroTag {
  readonly cpeid?: string
  readonly name: string
}

/** Undefined where it has none. Throws a FormatError for too many, and for too long ones. */
export function readTags(repomd: XmlElement): RepomdTags | undefined {
  const children = childOf(repomd, 'tags')?.children ?? []
  const named = (name: string) => children.filter((child) => child.name === name)
  const tags = {
    content: named('content').map(textOf),
    repo: named('repo').map(textOf),
    distro: named('distro').map(toDistro),
  }
  const counts = Object.values(tags).map(({ length }) => length)
  if (counts.some((count) => count > most))
    throw new FormatError('too-large', `it has more than ${most} tags of a kind`)
  return counts.every((count) => count === 0) ? undefined : tags
}

/** Lines of repomd.xml. */
export function printTags({ content, repo, distro }: RepomdTags): readonly string[] {
  return [
    '  <tags>',
    ...content.map((text) => `    <content>${escapeText(text)}</content>`),
    ...repo.map((text) => `    <repo>${escapeText(text)}</repo>`),
    ...distro.map(({ cpeid, name }) => {
      const attribute = cpeid === undefined ? '' : ` cpeid="${escapeAttribute(cpeid)}"`
      return `    <distro${attribute}>${escapeText(name)}</distro>`
    }),
    '  </tags>',
  ]
}

function toDistro(element: XmlElement): DistroTag {
  const cpeid = element.attributes.get('cpeid')
  return { ...(cpeid !== undefined && { cpeid: bounded(cpeid) }), name: textOf(element) }
}

function textOf({ text }: XmlElement): string {
  return bounded(text.trim())
}

function bounded(text: string): string {
  if (text.length > maxLength) throw new FormatError('too-large', `a tag has more than ${maxLength} characters`)
  return text
}
