import type { Log } from '../../core/log.ts'
import type { EngineClient } from '../engine/engine-client.ts'
import { type Credential, type EngineImage, nameOf } from '../engine/engine-image.ts'
import { layerSizes } from '../engine/layer-sizes.ts'
import { type Progress, PullProgress } from '../engine/pull-progress.ts'
import { messageOf } from '../message-of.ts'

export interface ImagePull {
  readonly engine: EngineClient
  readonly image: EngineImage
  readonly credential: Credential | undefined
  readonly signal: AbortSignal
  readonly log: Log
  /** Whenever something has moved. */
  onProgress(progress: Progress): void
}

/**
 * Pulls and returns the digest, if the engine knows one. When it fails with the credential it is tried without, and when both
 * fail the first error counts (rancher-api §3.8).
 */
export async function pullImage(pull: ImagePull): Promise<string | undefined> {
  const progress = new PullProgress(pull.engine.tellsBytes)
  const tell = () => pull.onProgress(progress.now())
  if (!pull.engine.tellsBytes) void expectSizes(pull, progress, tell)
  const digest = await withOrWithoutCredential(pull, (credential) => follow(pull, credential, progress, tell))
  progress.complete()
  tell()
  return digest ?? (await pull.engine.digestOf(pull.image))
}

async function withOrWithoutCredential<Result>(
  { credential, signal, image, log }: ImagePull,
  attempt: (credential: Credential | undefined) => Promise<Result>,
): Promise<Result> {
  try {
    return await attempt(credential)
  } catch (first) {
    if (credential === undefined || signal.aborted) throw first
    log.warn('the pull failed with credentials and is tried without', { image: nameOf(image) })
    return attempt(undefined).catch(() => {
      throw first
    })
  }
}

async function follow(
  { engine, image, signal }: ImagePull,
  credential: Credential | undefined,
  progress: PullProgress,
  tell: () => void,
): Promise<string | undefined> {
  let digest: string | undefined
  for await (const event of engine.pull(image, credential, signal)) {
    digest ??= /^Digest: (sha256:[0-9a-f]{64})$/.exec(event.status ?? '')?.[1]
    if (progress.note(event)) tell()
  }
  return digest
}

/** Only the bar needs the sizes: without them layers are counted. */
async function expectSizes(
  { engine, image, credential, log }: ImagePull,
  progress: PullProgress,
  tell: () => void,
): Promise<void> {
  try {
    progress.expect(await layerSizes(image, credential, engine.architecture))
    tell()
  } catch (error) {
    log.info('the registry does not tell the sizes of layers', { image: nameOf(image), reason: messageOf(error) })
  }
}
