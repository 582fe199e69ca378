import type { ProfileStore } from '../../core/consumer.ts'
import { invalid } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import { profileHash } from './profile-hash.ts'

/**
 * Keeps what an agent reports of its consumer, which it does again and again: one that is known already changes nothing and makes no
 * history. Throws kind `not-found` with `consumer`, `invalid` for what is no content type.
 */
export async function reportProfile(
  { profiles }: { readonly profiles: Pick<ProfileStore, 'of' | 'put'> },
  consumerId: string,
  contentType: string,
  profile: Json,
): Promise<void> {
  if (!/^[\w.-]{1,255}$/.test(contentType)) throw invalid('a profile was reported of no content type', ['content_type'])
  const hash = profileHash(profile)
  const known = (await profiles.of(consumerId)).find((one) => one.contentType === contentType)
  if (known?.hash !== hash) await profiles.put(consumerId, { contentType, profile, hash }, consumerId)
}
