import { sha256Hex } from '../../core/digest.ts'
import { canonicalJson, type Json } from '../../core/json.ts'

/**
 * As Pulp's servers compute it: sha256 of the compact JSON with sorted members, in which what is not ASCII is escaped (pulp2-api §15).
 */
export function profileHash(profile: Json): string {
  return sha256Hex(canonicalJson(profile).replaceAll(/[^ -~]/g, escaped))
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
