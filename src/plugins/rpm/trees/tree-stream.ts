import { DeckleError, isUpstreamFault } from '../../../core/errors.ts'
import type { SyncEvent, SyncRun } from '../../../core/importer.ts'
import { maskUrlPasswords } from '../../../core/secrets.ts'
import type { DiscoveredFile } from '../../../core/unit.ts'
import type { FetchedDocument } from '../../../core/upstream.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { fetchIfThere, saysAbsent } from '../fetch-if-there.ts'
import type { OpenFeed } from '../open-feed.ts'
import { urlBelow } from '../package-location.ts'
import { repomdPath } from '../yum-metadata.ts'
import { distributionType, toDistributionUnit } from './distribution-unit.ts'
import { maxFurtherFilesBytes, parseFurtherFiles } from './further-files.ts'
import { soundDescriptions } from './sound-descriptions.ts'
import type { TreeFile } from './tree-files.ts'
import { parseTreeInfo } from './tree-info.ts'
import { furtherFilesName, treeInfoNames } from './tree-path.ts'
import { treeRepositoryFiles } from './tree-repositories.ts'

const maxTreeInfoBytes = 1024 ** 2

type Run = Pick<SyncRun<unknown>, 'fetch' | 'part' | 'expect'>
type Fetch = Run['fetch']

interface Description {
  readonly name: string
  readonly document: FetchedDocument
}

/** What a tree told of itself when it was read: path of a description or of a repomd.xml below it → SHA-256 of its bytes. */
export type TreeState = Readonly<Record<string, string>>

/**
 * The kickstart tree of a repository, if it has one, as a unit of which every file is one of the tree (pulp2-types §5.3). A tree that
 * cannot be read is a problem, and the sync goes on.
 */
export class TreeStream {
  readonly #run: Run
  readonly #fetch: Fetch
  /** For what need not be there: a mirror that has no such file is believed. */
  readonly #ask: Fetch
  readonly #repository: URL
  #state: TreeState = {}

  /** Reads from all mirrors: one that fails, or has something else in the place of a description, is passed over. */
  constructor(run: Run, { repository, mirrors }: Pick<OpenFeed, 'repository' | 'mirrors'>) {
    this.#run = run
    const fetch = soundDescriptions(run.fetch, (cause) => notValid(repository, cause))
    this.#fetch = mirrors.fetching(fetch)
    this.#ask = mirrors.fetching(fetch, saysAbsent)
    this.#repository = repository
  }

  /** Known once the events are over; empty where there is no tree. */
  get state(): TreeState {
    return this.#state
  }

  /** Throws RPM1001 for a PULP_DISTRIBUTION.xml that is not valid. */
  async *events(): AsyncGenerator<SyncEvent> {
    const [run, repository] = [this.#run, this.#repository]
    run.part('distribution', 'in-progress')
    try {
      const treeInfo = await fetchTreeInfo(this.#ask, repository)
      if (treeInfo === undefined) {
        run.part('distribution', 'skipped')
        yield { complete: [distributionType.id] }
      } else yield* this.#read(treeInfo)
    } catch (error) {
      if (error instanceof FormatError) yield brokenTree(repository, error.message, 'malformed')
      else if (isUpstreamFault(error) && !isPublished(error))
        yield brokenTree(repository, error.message, error.details.code ?? error.kind)
      else throw error
    }
  }

  async *#read(treeInfo: Description): AsyncGenerator<SyncEvent> {
    const repository = this.#repository
    const info = parseTreeInfo(await bytesOf(treeInfo.document))
    const further = await fetchDescription(this.#ask, repository, furtherFilesName, maxFurtherFilesBytes)
    if (further !== undefined) await addFurther(info.files, further, repository)
    const listed = info.files.sorted()
    const ofRepositories = await Array.fromAsync(treeRepositoryFiles(this.#fetch, repository, info.repositories))
    const descriptions = [treeInfo, ...(further === undefined ? [] : [further])]
    const files = [
      ...descriptions.map((description) => describingFile(description, repository)),
      ...listed.map((file) => toFile(file, repository)),
      ...ofRepositories,
    ]
    this.#state = {
      ...Object.fromEntries(descriptions.map(({ name, document }) => [name, document.sha256])),
      ...Object.fromEntries(
        ofRepositories.filter(isRepomd).map(({ path, digests }) => [path, digests[0]?.value ?? '']),
      ),
    }
    this.#run.expect(distributionType.id, 1)
    yield { units: [toDistributionUnit({ info, listed, files: eachPathOnce(files) })] }
    // A repository with two trees cannot be published, so a new one takes the place of the one before.
    yield { only: [distributionType.id] }
  }
}

function isRepomd({ path }: DiscoveredFile): boolean {
  return path.endsWith(`/${repomdPath}`)
}

/** Of the same path the first. */
function eachPathOnce(files: readonly DiscoveredFile[]): readonly DiscoveredFile[] {
  return [...new Map(files.toReversed().map((file) => [file.path, file])).values()].toReversed()
}

/** Under either name; undefined for a repository that is no tree. */
async function fetchTreeInfo(fetch: Fetch, repository: URL): Promise<Description | undefined> {
  for (const name of treeInfoNames) {
    const found = await fetchDescription(fetch, repository, name, maxTreeInfoBytes)
    if (found !== undefined) return found
  }
  return undefined
}

async function fetchDescription(
  fetch: Fetch,
  repository: URL,
  name: string,
  maxBytes: number,
): Promise<Description | undefined> {
  const document = await fetchIfThere(fetch, { url: urlBelow(repository, name), maxBytes })
  return document && { name, document }
}

async function addFurther(
  files: { add(path: string): void },
  { document }: Description,
  repository: URL,
): Promise<void> {
  try {
    for (const path of parseFurtherFiles(await bytesOf(document))) files.add(path)
  } catch (error) {
    if (error instanceof FormatError) throw notValid(repository, error)
    throw error
  }
}

/** The bytes that were read, whatever upstream has by the time that somebody asks for them. */
function describingFile({ name, document }: Description, repository: URL): DiscoveredFile {
  const { sha256, size } = document
  const digests = [{ algorithm: 'sha256', value: sha256 }] as const
  return { path: name, size, digests, urls: [urlBelow(repository, name)], content: () => document.read() }
}

function toFile({ path, digest }: TreeFile, repository: URL): DiscoveredFile {
  return { path, digests: digest === undefined ? [] : [digest], urls: [urlBelow(repository, path)] }
}

async function bytesOf(document: FetchedDocument): Promise<Buffer> {
  return Buffer.concat(await document.read().toArray())
}

function brokenTree(repository: URL, reason: string, code: string): SyncEvent {
  const url = maskUrlPasswords(repository.href)
  return {
    problem: { stage: 'metadata', type: distributionType.id, key: {}, name: 'the kickstart tree', reason, code, url },
  }
}

/** Codes of Pulp end the run (pulp2-types §5.4). */
function isPublished({ details }: DeckleError): boolean {
  return details.code === 'RPM1001'
}

function notValid(repository: URL, cause: FormatError): DeckleError {
  const feed = maskUrlPasswords(repository.href)
  const message = `${furtherFilesName} of ${feed} is not valid: ${cause.message}`
  return new DeckleError('upstream', message, { code: 'RPM1001', data: { feed } }, { cause })
}
