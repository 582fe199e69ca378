import type { NewRepository, RepositoryDetails } from '../clients/pulp-answers.ts'
import { CliError } from './cli-error.ts'
import { type ContentKind, kindOfImporter, kindSetups, newDistributor } from './content-kind.ts'
import { isSameFeed } from './feed.ts'

/** What `deckle mirror` was asked for. */
export interface MirrorWish {
  readonly feed: string
  readonly id: string
  /** Whether the person chose the id, rather than the feed. */
  readonly isIdChosen: boolean
  readonly removeMissing: boolean
  /** Undefined: as the repository has it. */
  readonly downloadPolicy?: string
  readonly publish: boolean
}

/** What has to be done to a repository that exists, before it is synced. */
export interface MirrorChanges {
  /** Config for a new importer, if there is none. */
  readonly setImporter?: Readonly<Record<string, unknown>>
  /** Keys of the importer's config that change. */
  readonly updateImporter?: Readonly<Record<string, unknown>>
  readonly addDistributor: boolean
  /** New value of `auto_publish`, if it changes. */
  readonly autoPublish?: boolean
}

export function importerConfig(wish: MirrorWish): Readonly<Record<string, unknown>> {
  const { feed, removeMissing, downloadPolicy } = wish
  return {
    feed,
    ...(removeMissing && { remove_missing: true }),
    ...(downloadPolicy !== undefined && { download_policy: downloadPolicy }),
  }
}

export function newRepository(wish: MirrorWish, kind: ContentKind): NewRepository {
  return {
    id: wish.id,
    notes: { '_repo-type': kindSetups[kind].note },
    importer_type_id: kindSetups[kind].importer,
    importer_config: importerConfig(wish),
    distributors: [newDistributor(kind, wish.id, wish.publish)],
  }
}

/**
 * The kind that an existing repository already has; undefined without an importer. Throws CliError where the wish
 * would turn the repository into another one.
 */
export function existingKind(
  existing: RepositoryDetails,
  wish: MirrorWish,
  wanted: ContentKind | undefined,
): ContentKind | undefined {
  const [importer] = existing.importers
  if (importer === undefined) return undefined
  const kind = kindOfImporter(importer.importer_type_id)
  if (kind === undefined || (wanted !== undefined && wanted !== kind)) {
    throw new CliError(`repository ${wish.id} exists with a ${importer.importer_type_id}; choose another id with --id`)
  }
  const feed = importer.config['feed']
  if (wish.isIdChosen || isEmpty(existing)) return kind
  if (typeof feed === 'string' && !isSameFeed(feed, wish.feed)) {
    throw new CliError(
      `repository ${wish.id} exists and mirrors ${feed}; choose an id with --id (the same to change its feed)`,
    )
  }
  return kind
}

/** What is missing or differs. */
export function changesFor(existing: RepositoryDetails, wish: MirrorWish, kind: ContentKind): MirrorChanges {
  const [importer] = existing.importers
  const distributor = existing.distributors.find((one) => one.distributor_type_id === kindSetups[kind].distributor)
  const wanted = Object.entries(importerConfig(wish))
  const update = wanted.filter(([key, value]) => importer?.config[key] !== value)
  return {
    ...(importer === undefined ? { setImporter: importerConfig(wish) } : {}),
    ...(importer !== undefined && update.length > 0 ? { updateImporter: Object.fromEntries(update) } : {}),
    addDistributor: distributor === undefined,
    ...(distributor?.auto_publish && !wish.publish ? { autoPublish: false } : {}),
  }
}

/** Nothing is lost when its feed changes: the last one may have been a mistake. */
function isEmpty({ content_unit_counts }: RepositoryDetails): boolean {
  return Object.values(content_unit_counts).every((count) => count === 0)
}
