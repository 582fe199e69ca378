import { cancelled } from '../../core/errors.ts'
import type { Credential, EngineImage } from '../engine/engine-image.ts'
import type { Progress } from '../engine/pull-progress.ts'
import { Bound } from './bound.ts'

export interface SharedImage {
  readonly image: EngineImage
  readonly credential: Credential | undefined
}

export interface Follower {
  onProgress(progress: Progress): void
  /** He loses interest; the pull itself ends with its last follower. */
  readonly signal: AbortSignal
}

type Pull = (
  wanted: SharedImage,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
) => Promise<string | undefined>

interface Shared {
  readonly followers: Set<Follower>
  readonly abort: AbortController
  readonly digest: Promise<string | undefined>
  latest: Progress | undefined
}

/** The same image asked for twice at once is one pull; and no more than so many at once. Other credentials are another pull. */
export class SharedPulls {
  readonly #pull: Pull
  readonly #bound: Bound
  readonly #shared = new Map<string, Shared>()

  constructor(pull: Pull, mostAtOnce: number) {
    this.#pull = pull
    this.#bound = new Bound(mostAtOnce)
  }

  /** Resolves with the digest. Throws what the pull throws, kind `cancelled` once the follower's signal has aborted. */
  async follow(wanted: SharedImage, follower: Follower): Promise<string | undefined> {
    const key = JSON.stringify([wanted.image, wanted.credential])
    const shared = this.#shared.get(key) ?? this.#start(key, wanted)
    shared.followers.add(follower)
    if (shared.latest !== undefined) follower.onProgress(shared.latest)
    try {
      return await untilAborted(shared.digest, follower.signal)
    } finally {
      shared.followers.delete(follower)
      if (shared.followers.size === 0) this.#end(key, shared)
    }
  }

  #start(key: string, wanted: SharedImage): Shared {
    const abort = new AbortController()
    const tell = (progress: Progress) => {
      shared.latest = progress
      for (const follower of shared.followers) follower.onProgress(progress)
    }
    const work = async () => (abort.signal.aborted ? undefined : this.#pull(wanted, abort.signal, tell))
    const shared: Shared = {
      followers: new Set(),
      abort,
      // A moment later, since `tell` needs what is made here.
      digest: Promise.resolve().then(() => this.#bound.run(work)),
      latest: undefined,
    }
    // Nobody may be listening any more when it fails.
    shared.digest.catch(() => undefined).finally(() => this.#end(key, shared))
    this.#shared.set(key, shared)
    return shared
  }

  #end(key: string, shared: Shared): void {
    shared.abort.abort()
    if (this.#shared.get(key) === shared) this.#shared.delete(key)
  }
}

function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const give = () => reject(cancelled())
    if (signal.aborted) return give()
    signal.addEventListener('abort', give, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give))
  })
}
