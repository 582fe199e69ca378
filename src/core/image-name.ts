/** An image as a pull task spells it, taken apart (rancher-api §3.5). */
export interface ImageName {
  /** `index.docker.io` for unqualified names and for `docker.io`; else as written: `quay.io`, `localhost:5000`. */
  readonly registry: string
  /** What the engine is asked for, with the registry unless it is Docker's own: `quay.io/ns/app`, `busybox`. */
  readonly repository: string
  /** `latest` when neither tag nor digest is given. */
  readonly tag: string | null
  /** `sha256:…`; then there is no tag. */
  readonly digest: string | null
  /**
   * The name that images are known by: `busybox:latest`, `quay.io/ns/app:1`, `busybox@sha256:…` (rancher-api §4.1). Docker's own
   * registry and its `library/` are left out, as engines do, so that one image has one name.
   */
  readonly fullName: string
}

export const dockerHub = 'index.docker.io'

/** Undefined for text that no engine could pull: nothing, blanks, an empty part, a digest of another form. */
export function parseImageName(text: string): ImageName | undefined {
  const bare = text.replace(/^(docker|sim):(?!\d+\/)/, '')
  const [named = '', digest = null, ...more] = bare.split('@')
  if (more.length > 0 || (digest !== null && !/^sha256:[0-9a-f]{64}$/.test(digest))) return undefined
  const colon = named.lastIndexOf(':')
  const tagged = colon > named.lastIndexOf('/')
  const repository = tagged ? named.slice(0, colon) : named
  const tag = tagged ? named.slice(colon + 1) : 'latest'
  if (!isRepository(repository) || !/^\w[\w.-]{0,127}$/.test(tag)) return undefined
  const known = repository.replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\/(?=[^/]+$)/, '')
  const fullName = digest === null ? `${known}:${tag}` : `${known}@${digest}`
  return { registry: registryOf(repository), repository, tag: digest === null ? tag : null, digest, fullName }
}

function registryOf(repository: string): string {
  const [first = '', ...rest] = repository.split('/')
  return rest.length > 0 && isRegistry(first) && first !== 'docker.io' ? first : dockerHub
}

function isRegistry(part: string): boolean {
  return part === 'localhost' || /[.:]/.test(part)
}

const hostName = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/
const pathPart = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/

function isRepository(text: string): boolean {
  const [first = '', ...rest] = text.split('/')
  const qualified = rest.length > 0 && isRegistry(first)
  if (qualified && !hostName.test(first)) return false
  return (qualified ? rest : [first, ...rest]).every((part) => pathPart.test(part))
}
