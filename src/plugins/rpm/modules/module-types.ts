import type { ContentType, UnitDocuments } from '../../../core/content-type.ts'
import { artifactsIn, dependenciesIn, profilesIn, streamProfilesIn } from './module-lists.ts'

/** The one document of each of these types: the bytes of its part of modules.yaml. */
export const moduleDocument = 'modulemd'

const documents = [moduleDocument]

/** What is long, or has keys of its own, is read out of the document when somebody wants to see it. */
function fromDocument(read: (document: Uint8Array) => unknown) {
  return (held: UnitDocuments) => read(held[moduleDocument] ?? new Uint8Array())
}

/** A build of a stream of a module (pulp2-types §1.1). `version` is a text: those of RHEL have more digits than a JSON number keeps. */
export const modulemdType: ContentType = {
  id: 'modulemd',
  displayName: 'Modulemd',
  description: 'Modulemd',
  keyFields: ['name', 'stream', 'version', 'context', 'arch'],
  searchIndexes: ['name', 'stream', 'version', 'context', 'arch'],
  referencedTypes: [],
  hasFiles: false,
  documents,
  derivedFields: {
    profiles: fromDocument(profilesIn),
    artifacts: fromDocument(artifactsIn),
    dependencies: fromDocument(dependenciesIn),
  },
}

/** Which stream of a module a repository offers unasked, and which profiles of each (pulp2-types §1.1). */
export const modulemdDefaultsType: ContentType = {
  id: 'modulemd_defaults',
  displayName: 'ModulemdDefaults',
  description: 'ModulemdDefaults',
  keyFields: ['name', 'repo_id'],
  searchIndexes: ['name', 'repo_id'],
  referencedTypes: [],
  hasFiles: false,
  documents,
  scope: 'repository',
  derivedFields: { profiles: fromDocument(streamProfilesIn) },
}

/**
 * Whatever else stands in modules.yaml: `modulemd-obsoletes`, `modulemd-translations` and what is to come. An extension: Pulp 2 loses
 * them. They have nothing in common but their bytes, hence the key.
 */
export const moduleExtraType: ContentType = {
  id: 'modulemd_extra',
  displayName: 'Modulemd extra document',
  description: 'Obsoletes, translations and other documents about modules',
  keyFields: ['document', 'checksum'],
  searchIndexes: ['document', 'module', 'stream'],
  referencedTypes: [],
  hasFiles: false,
  documents,
}

export const moduleTypes = [modulemdType, modulemdDefaultsType, moduleExtraType]
