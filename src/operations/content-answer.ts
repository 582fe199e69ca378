import type { DeferredPublishedFile, PublishedFile } from '../core/publication.ts'

/** What stands at a path. */
export type ContentAnswer =
  | { readonly kind: 'file'; readonly file: PublishedFile }
  /** Names in it, those of folders ending in a slash. */
  | { readonly kind: 'folder'; readonly names: AsyncIterable<string> }
  /** Pulp's `listing` above repositories: names of the folders beside it (pulp2-types §5.9). */
  | { readonly kind: 'listing'; readonly names: readonly string[] }
  /** A folder that was asked for without its slash. */
  | { readonly kind: 'add-slash' }
  /** A file of the publication whose bytes are not stored. */
  | { readonly kind: 'deferred'; readonly file: DeferredPublishedFile }
  /** Not for this visitor, and why. */
  | { readonly kind: 'forbidden'; readonly reason: string }
  /** `reason` where there is more to say than that. */
  | { readonly kind: 'not-found'; readonly reason?: string }
