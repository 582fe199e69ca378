import type { DistributorReport } from '../clients/pulp-answers.ts'
import { textOf } from './loose-json.ts'

/** Where a distributor's publication is served, with a last slash; undefined for types that this CLI does not know. */
export function publishedUrl(server: string, repositoryId: string, distributor: DistributorReport): string | undefined {
  const path = textOf(distributor.config['relative_url']) ?? repositoryId
  const folders: Readonly<Record<string, string>> = { yum_distributor: 'repos', iso_distributor: 'isos' }
  const folder = folders[distributor.distributor_type_id]
  if (folder === undefined) return undefined
  return new URL(`/pulp/${folder}/${path.split('/').filter(Boolean).map(encodeURIComponent).join('/')}/`, server).href
}

/**
 * A `.repo` file for dnf. Packages keep the signature of their vendor, whose key is known only to the person: with
 * its address signatures are checked, without it they are not, and the file says how to change that.
 */
export function dnfRepositoryFile(id: string, baseUrl: string, keyUrl?: string): string {
  const head = [`[${id}]`, `name=${id}`, `baseurl=${baseUrl}`, 'enabled=1']
  if (keyUrl !== undefined) return [...head, 'gpgcheck=1', `gpgkey=${keyUrl}`].join('\n')
  const advice = "# To check the vendor's signatures: gpgcheck=1, and gpgkey=<address of the vendor's key>"
  return [...head, advice, 'gpgcheck=0'].join('\n')
}

/** The command that fetches the list of a publication of plain files: one `name,sha256,size` a line. */
export function curlLine(baseUrl: string): string {
  return `curl -f ${baseUrl}PULP_MANIFEST`
}
