import { type Static, Type } from 'typebox'
import { exact, Href } from './scalars.ts'

/** A place for the bytes of a file (pulp2-api §9.3). */
export const PulpUpload = Type.Object({ _href: Href, upload_id: Type.String() }, exact)
export type PulpUpload = Static<typeof PulpUpload>

/** Oldest first (pulp2-api §9.3). */
export const PulpUploads = Type.Object({ upload_ids: Type.Array(Type.String()) }, exact)
export type PulpUploads = Static<typeof PulpUploads>
