import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { NewDistributor } from '../clients/pulp-answers.ts'
import { CliError } from './cli-error.ts'
import { belowFeed, withoutCredentials } from './feed.ts'

export type ContentKind = 'rpm' | 'files'

/** How a kind of content is set up on the server; ids and notes as pulp-admin makes them (pulp2-types §1.3). */
export interface KindSetup {
  readonly note: string
  readonly importer: string
  readonly distributor: string
  /** What units are called in front of people. */
  readonly noun: string
  /** The file below the feed that shows its kind. */
  readonly mark: string
  config(repositoryId: string): Readonly<Record<string, unknown>>
}

export const kindSetups: Readonly<Record<ContentKind, KindSetup>> = {
  rpm: {
    note: 'rpm-repo',
    importer: 'yum_importer',
    distributor: 'yum_distributor',
    noun: 'packages',
    mark: 'repodata/repomd.xml',
    config: (repositoryId) => ({ relative_url: repositoryId, http: true, https: true }),
  },
  files: {
    note: 'iso-repo',
    importer: 'iso_importer',
    distributor: 'iso_distributor',
    noun: 'files',
    mark: 'PULP_MANIFEST',
    config: () => ({ serve_http: true, serve_https: true }),
  },
}

/** Kinds in the order in which a feed is tried for them. */
export const contentKinds: readonly ContentKind[] = ['rpm', 'files']

export function kindOfImporter(importerType: string): ContentKind | undefined {
  return contentKinds.find((kind) => kindSetups[kind].importer === importerType)
}

export function newDistributor(kind: ContentKind, repositoryId: string, autoPublish: boolean): NewDistributor {
  const { distributor, config } = kindSetups[kind]
  return {
    distributor_type_id: distributor,
    distributor_id: distributor,
    distributor_config: config(repositoryId),
    auto_publish: autoPublish,
  }
}

/** Looks at the feed for what it holds. Throws CliError when it cannot be told. */
export async function guessKind(feed: string): Promise<ContentKind> {
  for (const kind of contentKinds) {
    if (await exists(belowFeed(feed, kindSetups[kind].mark))) return kind
  }
  const marks = contentKinds.map((kind) => kindSetups[kind].mark).join(' nor ')
  throw new CliError(`the feed has neither ${marks}; if the server can see more of it, say --type rpm or --type files`)
}

async function exists(address: string): Promise<boolean> {
  if (address.startsWith('file:')) return existsSync(fileURLToPath(address))
  const { url, username, password } = withoutCredentials(address)
  const pair = Buffer.from(`${username}:${password}`).toString('base64')
  const headers = username === '' ? {} : { authorization: `Basic ${pair}` }
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    const host = new URL(url).host
    throw new CliError(`${host} does not answer here; if the server can reach it, say --type rpm or --type files`)
  }
}
