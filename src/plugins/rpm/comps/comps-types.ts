import type { ContentType } from '../../../core/content-type.ts'
import { translationsIn } from './translations.ts'

/**
 * What all of comps.xml has in common. The one document, `element`, is what upstream has of it, whole: what is published is that,
 * and the fields are for clients, who search by them.
 */
const ofComps = {
  lookupFields: ['id'],
  referencedTypes: [],
  hasFiles: false,
  documents: ['element'],
  scope: 'repository',
  derivedFields: {
    translated_name: ({ element }) => translationsIn(element, 'name'),
    translated_description: ({ element }) => translationsIn(element, 'description'),
  },
} as const satisfies Partial<ContentType>

const searchedByAll = ['id', 'repo_id', 'name']
const packageNames = [
  'mandatory_package_names',
  'default_package_names',
  'optional_package_names',
  'conditional_package_names',
]

/** Packages that are installed together (pulp2-types §1.1, §5.1). */
export const groupType: ContentType = {
  ...ofComps,
  id: 'package_group',
  displayName: 'Package Group',
  description: 'Yum Package group information',
  keyFields: ['id', 'repo_id'],
  searchIndexes: [...searchedByAll, ...packageNames],
}

/** Groups that installers show together. */
export const categoryType: ContentType = {
  ...ofComps,
  id: 'package_category',
  displayName: 'Package Category',
  description: 'Yum Package category information',
  keyFields: ['id', 'repo_id'],
  searchIndexes: [...searchedByAll, 'packagegroupids'],
}

/** Groups that are installed together, and those that may be. */
export const environmentType: ContentType = {
  ...ofComps,
  id: 'package_environment',
  displayName: 'Package Environment',
  description: 'Yum Package environment information',
  keyFields: ['id', 'repo_id'],
  searchIndexes: [...searchedByAll, 'group_ids'],
}

/** Packages that come along with others where a language is wanted: all of a repository in one unit. */
export const langpacksType: ContentType = {
  ...ofComps,
  id: 'package_langpacks',
  displayName: 'Package Langpacks',
  description: 'Yum Package langpacks information',
  keyFields: ['repo_id'],
  lookupFields: [],
  searchIndexes: ['repo_id'],
  derivedFields: {},
}

/** In the order in which they stand in comps.xml. */
export const compsTypes = [groupType, environmentType, categoryType, langpacksType] as const
