import type { ConfigReader } from '../../../core/config-reader.ts'
import { DeckleError } from '../../../core/errors.ts'
import type { FoundUnit } from '../../../core/unit.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { readPackageHead } from '../../../formats/rpm/package-head.ts'
import { signingKey } from '../../../formats/rpm/signing-key.ts'

/** Which packages a repository takes by the key that they say they were signed with; nothing is verified (pulp2-types §5.2). */
export interface SignaturePolicy {
  readonly required: boolean
  /** Key ids of 8 hexadecimal digits, lower case; empty for any key. */
  readonly allowedKeys: readonly string[]
}

/** Undefined where every package is taken. Violations stay in `reader`. */
export function readSignaturePolicy(reader: ConfigReader): SignaturePolicy | undefined {
  const required = reader.flag('require_signature', false)
  const allowedKeys = reader.words('allowed_keys').map((key) => key.toLowerCase())
  if (!allowedKeys.every((key) => /^[0-9a-f]{8}$/.test(key)))
    reader.refuse('allowed_keys', 'allowed_keys must be key ids of 8 hexadecimal digits')
  return required || allowedKeys.length > 0 ? { required, allowedKeys } : undefined
}

/**
 * Throws kind `invalid` for a package that may not be taken: RPM1013 when it has to be signed and is not, RPM1014 when its key is not
 * among the allowed ones. One without a signature has no wrong key. `key` is a key id of any length.
 */
export function requireSignature(policy: SignaturePolicy | undefined, name: string, key: string | undefined): void {
  if (policy === undefined) return
  if (key === undefined) {
    if (policy.required) throw refused('RPM1013', `${name} is not signed, and require_signature is set`, name)
    return
  }
  const short = key.slice(-8)
  const { allowedKeys: allowed } = policy
  if (allowed.length === 0 || allowed.includes(short)) return
  const message = `${name} is signed with the key ${short}, which is not among allowed_keys`
  throw refused('RPM1014', message, name, { key: short, allowed: allowed.join(',') })
}

/** The unit of a package, which is looked into when its file has come. */
export function inspecting<Unit extends FoundUnit>(unit: Unit, policy: SignaturePolicy | undefined): Unit {
  if (policy === undefined) return unit
  const files = unit.files.map((file) => ({
    ...file,
    inspect: async (bytes: AsyncIterable<Uint8Array>) => requireSignature(policy, file.path, await keyOf(bytes)),
  }))
  return { ...unit, files }
}

async function keyOf(bytes: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  try {
    return signingKey((await readPackageHead(bytes)).signature)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    const data = { reason: error.message }
    throw new DeckleError('invalid', `its signature cannot be read: ${error.message}`, { code: 'RPM1016', data })
  }
}

function refused(code: string, message: string, name: string, data: Record<string, string> = {}): DeckleError {
  return new DeckleError('invalid', message, { code, data: { package: name, ...data } })
}
