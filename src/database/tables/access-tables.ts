import type { Generated } from 'kysely'
import type { Now } from './column-types.ts'

/** Users, and what they may do. */
export interface AccessTables {
  account: { id: Generated<number>; login: string; name: string; password_hash: string | null; created: Now }
  role: { id: Generated<number>; name: string; display_name: string; description: string | null; created: Now }
  account_role: { account: number; role: number }
  /** Something that somebody was allowed to use. */
  permission: { id: Generated<number>; resource: string; created: Now }
  /** Everything that an account may do, that which its roles give included. Operations are bits (`users/operation-bits.ts`). */
  account_grant: { account: number; permission: number; operations: number }
  role_grant: { role: number; resource: string; operations: number }
  access_token: { sha256: Buffer; account: number; name: string; created: Now }
}
