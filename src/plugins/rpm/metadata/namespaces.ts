/** XML namespaces of rpm metadata. */
export const namespaces = {
  repo: 'http://linux.duke.edu/metadata/repo',
  common: 'http://linux.duke.edu/metadata/common',
  filelists: 'http://linux.duke.edu/metadata/filelists',
  other: 'http://linux.duke.edu/metadata/other',
  rpm: 'http://linux.duke.edu/metadata/rpm',
} as const

/** The three files that hold a part of each package. */
export const packageFiles = ['primary', 'filelists', 'other'] as const
export type PackageFile = (typeof packageFiles)[number]

/** Root element of each of them. */
export const roots: Readonly<Record<PackageFile, { readonly name: string; readonly namespace: string }>> = {
  primary: { name: 'metadata', namespace: namespaces.common },
  filelists: { name: 'filelists', namespace: namespaces.filelists },
  other: { name: 'otherdata', namespace: namespaces.other },
}

/** The start tag of a file's root, as it is published and as snippets are read with. */
export function rootStartTag(file: PackageFile, packages: number): string {
  const { name, namespace } = roots[file]
  const rpm = file === 'primary' ? ` xmlns:rpm="${namespaces.rpm}"` : ''
  return `<${name} xmlns="${namespace}"${rpm} packages="${packages}">`
}
