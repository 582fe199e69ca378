import { DeckleError } from './errors.ts'

/** Says whether there is room for more content on the disks of this server. */
export interface SpaceGauge {
  /** Why no more may be stored now, in words for people (place, free, floor); undefined when there is room. */
  shortage(): Promise<string | undefined>
}

/** The error of work that ends because its disk is full, or has come down to the floor. */
export function noSpace(message: string, cause?: unknown): DeckleError {
  return new DeckleError('internal', message, { code: 'disk_full' }, { cause })
}

/** What `noSpace` says, undefined for other errors. */
export function spaceFault(error: unknown): string | undefined {
  return error instanceof DeckleError && error.details.code === 'disk_full' ? error.message : undefined
}

/** Throws `noSpace` when there is a shortage. */
export async function requireSpace(space: SpaceGauge): Promise<void> {
  const shortage = await space.shortage()
  if (shortage !== undefined) throw noSpace(shortage)
}
