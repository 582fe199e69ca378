import { isJsonObject } from '../../core/json.ts'
import type { Credential, EngineImage } from './engine-image.ts'
import { withoutHub } from './engine-image.ts'
import { RegistryReader } from './registry-reader.ts'

type Fields = Readonly<Record<string, unknown>>

const answerWithinMs = 20_000

/**
 * Bytes of the layers and of the configuration of an image, by the 12 hex digits that engines call them by: from the manifest
 * in the registry, for engines that do not tell. Throws kind `upstream`, or an error of the network.
 */
export async function layerSizes(
  image: EngineImage,
  credential: Credential | undefined,
  architecture: string,
): Promise<ReadonlyMap<string, number>> {
  const { host, path } = placeOf(image.repository)
  const registry = new RegistryReader(host, path, credential, AbortSignal.timeout(answerWithinMs))
  const found = await registry.manifest(image.digest ?? image.tag ?? 'latest')
  const chosen = digestFor(found, architecture)
  return sizesIn(chosen === undefined ? found : await registry.manifest(chosen))
}

function placeOf(repository: string): { host: string; path: string } {
  const bare = withoutHub(repository)
  const [first = '', ...rest] = bare.split('/')
  if (rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') && first !== 'index.docker.io') {
    return { host: first, path: rest.join('/') }
  }
  const path = bare.replace(/^index\.docker\.io\//, '')
  return { host: 'registry-1.docker.io', path: path.includes('/') ? path : `library/${path}` }
}

/** In an index, the image for Linux of this architecture. */
function digestFor(manifest: Fields, architecture: string): string | undefined {
  const entry = listOf(manifest['manifests']).find(({ platform }) => {
    return isJsonObject(platform) && platform['os'] === 'linux' && platform['architecture'] === architecture
  })
  return typeof entry?.['digest'] === 'string' ? entry['digest'] : undefined
}

function sizesIn(manifest: Fields): ReadonlyMap<string, number> {
  const blobs = [...listOf(manifest['layers']), ...listOf([manifest['config']])]
  return new Map(
    blobs.flatMap(({ digest, size }) => {
      const id = typeof digest === 'string' ? /^sha256:([0-9a-f]{12})/.exec(digest)?.[1] : undefined
      return id !== undefined && typeof size === 'number' && size >= 0 ? [[id, size] as const] : []
    }),
  )
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
