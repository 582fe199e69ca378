import type { JsonObject } from '../../../core/json.ts'
import type { XmlElement } from '../../../formats/xml.ts'
import { plainTextOf } from './translations.ts'

/** Where an element says nothing (pulp2-types §5.1). */
const usualDisplayOrder = 1024

/** What clients see of a `<group>`, beside its id (pulp2-types §5.1). */
export function groupFields(group: XmlElement): JsonObject {
  const langonly = plainTextOf(group, 'langonly')?.trim()
  return {
    ...commonFields(group),
    default: isTrue(plainTextOf(group, 'default'), false),
    // dnf shows a group that does not say.
    user_visible: isTrue(plainTextOf(group, 'uservisible'), true),
    ...(langonly && { langonly }),
    ...packageNames(itemsOf(group, 'packagelist', 'packagereq')),
  }
}

/** The same of a `<category>`. */
export function categoryFields(category: XmlElement): JsonObject {
  return { ...commonFields(category), packagegroupids: namesOf(itemsOf(category, 'grouplist', 'groupid')) }
}

/** The same of an `<environment>`. */
export function environmentFields(environment: XmlElement): JsonObject {
  const options = itemsOf(environment, 'optionlist', 'groupid').map((option) => ({
    group: option.text.trim(),
    default: isTrue(option.attributes.get('default'), false),
  }))
  return {
    ...commonFields(environment),
    group_ids: namesOf(itemsOf(environment, 'grouplist', 'groupid')),
    options: options.filter(({ group }) => group !== ''),
  }
}

/** The same of `<langpacks>`. */
export function langpacksFields({ children }: XmlElement): JsonObject {
  const matches = children.filter(({ name }) => name === 'match')
  const attribute = (match: XmlElement, name: string) => match.attributes.get(name) ?? ''
  return { matches: matches.map((match) => ({ name: attribute(match, 'name'), install: attribute(match, 'install') })) }
}

function commonFields(element: XmlElement): JsonObject {
  const [name, description] = [plainTextOf(element, 'name'), plainTextOf(element, 'description')]
  const digits = /^\s*(\d{1,9})\s*$/.exec(plainTextOf(element, 'display_order') ?? '')?.[1]
  return {
    ...(name && { name }),
    ...(description && { description }),
    display_order: digits === undefined ? usualDisplayOrder : Number(digits),
  }
}

/** A package without a type is mandatory; one of a type that nobody knows is in no list. */
function packageNames(packages: readonly XmlElement[]): JsonObject {
  const ofType = (wanted: string) =>
    packages.filter(({ attributes, text }) => (attributes.get('type') || 'mandatory') === wanted && text.trim() !== '')
  return {
    mandatory_package_names: namesOf(ofType('mandatory')),
    default_package_names: namesOf(ofType('default')),
    optional_package_names: namesOf(ofType('optional')),
    conditional_package_names: ofType('conditional').map((one) => [
      one.text.trim(),
      one.attributes.get('requires') ?? '',
    ]),
  }
}

function itemsOf(element: XmlElement, list: string, item: string): readonly XmlElement[] {
  const lists = element.children.filter(({ name }) => name === list)
  return lists.flatMap(({ children }) => children.filter(({ name }) => name === item))
}

function namesOf(items: readonly XmlElement[]): readonly string[] {
  return items.map(({ text }) => text.trim()).filter((name) => name !== '')
}

function isTrue(text: string | undefined, fallback: boolean): boolean {
  return text === undefined ? fallback : ['true', '1', 'yes'].includes(text.trim().toLowerCase())
}
