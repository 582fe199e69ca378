import { type Static, Type } from 'typebox'
import { exact } from './scalars.ts'

/** pulp2-api §12: both PEM, the key in PKCS #1. */
export const PulpLogin = Type.Object({ key: Type.String(), certificate: Type.String() }, exact)
export type PulpLogin = Static<typeof PulpLogin>
