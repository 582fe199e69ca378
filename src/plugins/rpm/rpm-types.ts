import type { ContentType } from '../../core/content-type.ts'
import { derivedFields } from './derived-fields.ts'
import { packageFiles } from './metadata/namespaces.ts'

const nevra = ['name', 'epoch', 'version', 'release', 'arch']

function packageType(id: string, name: string): ContentType {
  return {
    id,
    displayName: name,
    description: name,
    keyFields: [...nevra, 'checksumtype', 'checksum'],
    searchIndexes: [
      'name',
      'epoch',
      'version',
      'release',
      'arch',
      'filename',
      'checksum',
      'checksumtype',
      'version_sort_index',
      ['version_sort_index', 'release_sort_index'],
    ],
    lookupFields: ['name', 'checksum'],
    referencedTypes: ['erratum'],
    hasFiles: true,
    documents: packageFiles,
    uniqueIn: nevra,
    derivedFields,
  }
}

/** Binary packages. */
export const rpmType = packageType('rpm', 'RPM')
/** Source packages. */
export const srpmType = packageType('srpm', 'SRPM')

/** `src`, and `nosrc` for those whose sources may not be passed on, are source packages. */
export function typeOfArch(arch: string): 'rpm' | 'srpm' {
  return arch === 'src' || arch === 'nosrc' ? 'srpm' : 'rpm'
}
