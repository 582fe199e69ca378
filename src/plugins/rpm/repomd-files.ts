import type { GeneratedFile } from '../../core/distributor.ts'
import { inOnePiece } from '../../core/in-one-piece.ts'
import type { MetadataSigner } from '../../core/metadata-signer.ts'
import type { YumPublishRun } from './published-content.ts'

export const repomdPath = 'repodata/repomd.xml'

/** What stands beside a signed repomd.xml (pulp2-types §5.8): path → what makes it. */
export const signatures: Readonly<Record<string, (signer: MetadataSigner, repomd: Uint8Array) => Promise<string>>> = {
  [`${repomdPath}.asc`]: (signer, repomd) => signer.sign(repomd),
  [`${repomdPath}.key`]: (signer) => signer.publicKey(),
}

/** The index, and what vouches for it where the config wants that. */
export async function* repomdFiles({ config, signer }: YumPublishRun, text: string): AsyncGenerator<GeneratedFile> {
  const repomd = Buffer.from(text)
  yield fileOf(repomdPath, 'application/xml', repomd)
  if (!config.signMetadata) return
  for (const [path, make] of Object.entries(signatures)) {
    yield fileOf(path, mediaTypeOf(path), Buffer.from(await make(signer, repomd)))
  }
}

/** The key that packages are signed with, as the config tells it to consumers, for `gpgkey=` of others. */
export function* keyFile({ config }: YumPublishRun): Generator<GeneratedFile> {
  const { gpgKey } = config.consumers
  if (gpgKey !== undefined && gpgKey !== '') yield fileOf('pulp.key', mediaTypeOf('pulp.key'), Buffer.from(gpgKey))
}

function mediaTypeOf(path: string): string {
  return path.endsWith('.key') ? 'application/pgp-keys' : 'application/pgp-signature'
}

function fileOf(path: string, mediaType: string, bytes: Uint8Array): GeneratedFile {
  return { path, mediaType, body: inOnePiece(bytes) }
}
