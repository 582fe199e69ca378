/** What the engine is asked to pull, as the server's `pull` message has it. */
export interface EngineImage {
  /** `quay.io/ns/app`, `busybox`. */
  readonly repository: string
  readonly tag: string | null
  readonly digest: string | null
}

/** `busybox:latest`, `quay.io/ns/app@sha256:…`. */
export function nameOf({ repository, tag, digest }: EngineImage): string {
  return digest === null ? `${repository}:${tag ?? 'latest'}` : `${repository}@${digest}`
}

/** Docker leaves its own registry out of the names of images, Podman spells it. Here it is left out. */
export function withoutHub(name: string): string {
  return name.replace(/^docker\.io\/(?:library\/)?/, '')
}

export interface Credential {
  readonly serverAddress: string
  readonly username: string
  readonly password: string
  readonly email: string
}

/** The value of `X-Registry-Auth`: base64 for URLs, padded. Docker's own registry is known by its old address (rancher-api §5). */
export function registryAuth({ serverAddress, username, password, email }: Credential): string {
  const serveraddress = serverAddress.replace(/^https:\/\/docker\.io/, 'https://index.docker.io')
  const text = Buffer.from(JSON.stringify({ username, password, email, serveraddress })).toString('base64')
  return text.replaceAll('+', '-').replaceAll('/', '_')
}
