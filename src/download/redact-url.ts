import { mask, maskUrlPasswords } from '../core/secrets.ts'

/** Signed URLs and tokens: `X-Amz-Signature`, `sig`, `access_token`, `apikey` … */
const secretParameter = /([?&][^=&#]*(?:sig|token|key|secret|password|credential|auth)[^=&#]*=)[^&#]*/gi

/** A URL as it may be printed: without passwords, also in its query. Takes text that is no URL, too. */
export function redactUrl(url: string): string {
  return maskUrlPasswords(url).replace(secretParameter, `$1${mask}`)
}
