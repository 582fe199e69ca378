import { pathToFileURL } from 'node:url'
import { invalid } from '../../core/errors.ts'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import { type BindingName, RepositoryFile, type RepositoryOptions } from './repository-file.ts'
import { safeName } from './safe-name.ts'
import type { SystemFiles } from './system-files.ts'

/** The one file of Deckle's repositories. */
const repositoryFile = '/etc/yum.repos.d/deckle.repo'
/** Keys and certificates, a folder a binding. */
const trustFolder = '/etc/pki/deckle'

interface TrustFile {
  readonly name: string
  readonly text: string
  readonly mode: number
}

/** Writes the repository of a `yum_distributor` into the client's repository file (pulp2-types §5.9). `server` is how the agent reaches it. */
export async function bindYum(
  files: SystemFiles,
  binding: BindingName,
  payload: JsonObject,
  server: string,
): Promise<void> {
  const urls = baseUrls(payload, server)
  const trust = trustFiles(payload)
  const folder = trustOf(binding)
  for (const { name, text, mode } of trust) await files.write(`${folder}/${name}`, text, mode)
  const file = new RepositoryFile((await files.read(repositoryFile)) ?? '')
  const { repo_name: name } = payload
  file.bind(binding, {
    name: hasText(name) ? name : binding.repository,
    ...(urls.length > 0 && { baseurl: urls }),
    enabled: urls.length > 0 ? '1' : '0',
    ...trustOptions(trust, (trusted) => files.place(`${folder}/${trusted}`)),
  })
  await files.write(repositoryFile, String(file))
  // Only now: until here the old file may have been read.
  const wanted = new Set(trust.map((one) => one.name))
  for (const left of await files.list(folder)) if (!wanted.has(left)) await files.remove(`${folder}/${left}`)
}

/** Takes it out again; harmless when it is not there. */
export async function unbindYum(files: SystemFiles, binding: BindingName): Promise<void> {
  const file = new RepositoryFile((await files.read(repositoryFile)) ?? '')
  if (file.unbind(binding)) await files.write(repositoryFile, String(file))
  await files.remove(trustOf(binding))
}

/** HTTPS where it is served that way. None when it is served in no way: the repository is written, but not enabled. */
function baseUrls(payload: JsonObject, server: string): readonly string[] {
  const { protocols, server_name: names, relative_path: path } = payload
  if (!hasText(path)) throw invalid('the server did not say where the repository is')
  const protocol = ['https', 'http'].find((one) => Array.isArray(protocols) && protocols.includes(one))
  if (protocol === undefined) return []
  const hosts = (Array.isArray(names) ? names : [names]).filter(hasText)
  const roots = hosts.length > 0 ? hosts.map((host) => `${protocol}://${host}`) : [server]
  return roots.map((root) => `${root}/${path.replace(/^\/+/, '')}`)
}

/** Keys of packages by name; whom it trusts, and how it proves who it is. */
function trustFiles(payload: JsonObject): readonly TrustFile[] {
  const { gpg_keys: given, ca_cert: authority, client_cert: client } = payload
  const keys = isJsonObject(given) ? Object.entries(given) : []
  return [
    ...keys.flatMap(([name, text]) => (hasText(text) ? { name: `key-${safeName(name)}`, text, mode: 0o644 } : [])),
    ...(hasText(authority) ? [{ name: 'ca.pem', text: authority, mode: 0o644 }] : []),
    ...(hasText(client) ? [{ name: 'client.pem', text: client, mode: 0o600 }] : []),
  ]
}

function trustOptions(trust: readonly TrustFile[], place: (name: string) => string): RepositoryOptions {
  const keys = trust.flatMap(({ name }) => (name.startsWith('key-') ? pathToFileURL(place(name)).href : []))
  const has = (wanted: string) => trust.some(({ name }) => name === wanted)
  return {
    ...(keys.length > 0 ? { gpgcheck: '1', gpgkey: keys } : { gpgcheck: '0' }),
    sslverify: '1',
    ...(has('ca.pem') && { sslcacert: place('ca.pem') }),
    // The file has the key, too.
    ...(has('client.pem') && { sslclientcert: place('client.pem'), sslclientkey: place('client.pem') }),
  }
}

function trustOf({ repository, distributor }: BindingName): string {
  return `${trustFolder}/${safeName(repository)}+${safeName(distributor)}`
}

function hasText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
