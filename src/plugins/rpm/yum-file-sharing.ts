import type { FileSharing } from '../../core/distributor.ts'
import { parseRepomd, printRepomd } from './metadata/repomd.ts'
import { repomdPath, signatures } from './repomd-files.ts'

/**
 * What yum repositories have in common that are served elsewhere or to others. The index tells its age, and yum, the program of RHEL 7
 * and before, takes none that is older than the one that it has; dnf and zypper look at checksums only.
 */
export const yumFileSharing: FileSharing = {
  placeKeys: ['relative_url', 'http', 'https', 'protected', 'auth_ca', 'auth_cert', 'https_ca'],
  dated: { [repomdPath]: redate },
  signed: Object.fromEntries(Object.entries(signatures).map(([path, make]) => [path, { of: repomdPath, make }])),
}

function redate(bytes: Uint8Array, date: Date): Uint8Array {
  const timestamp = Math.floor(date.getTime() / 1000)
  const repomd = parseRepomd(bytes)
  const records = repomd.records.map((record) => ({ ...record, timestamp }))
  return Buffer.from(printRepomd({ ...repomd, revision: String(timestamp), records }))
}
