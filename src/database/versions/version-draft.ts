import type { Transaction } from 'kysely'
import type { Measured } from '../../core/digest.ts'
import type { Json } from '../../core/json.ts'
import { ownedFields } from '../../core/owned-unit.ts'
import type {
  ExaminedUnit,
  MissingFile,
  ReadyUnit,
  RepositoryVersion,
  VersionCommit,
  VersionDraft,
} from '../../core/repository-version.ts'
import type { Fence } from '../../core/task.ts'
import { type FoundUnit, unitKeyHash, unitWireId } from '../../core/unit.ts'
import type { Database } from '../connection.ts'
import { assertFence } from '../fence.ts'
import type { Schema } from '../schema.ts'
import { saveBlobs } from '../space/save-blobs.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { findMissingPaths, findStored, findUnits, storedFor } from '../units/find-units.ts'
import { type PreparedUnit, prepareUnit } from '../units/prepared-unit.ts'
import { SourceRecorder } from '../units/save-sources.ts'
import { saveUnits, type UnitToSave } from '../units/save-units.ts'
import { dropMembers, takeUnits } from './catalog-members.ts'
import { insertVersion, keepForImporter, totalsOf } from './commit-version.ts'
import { FreshStatistics } from './fresh-statistics.ts'
import { IdentityList } from './identity-list.ts'
import {
  associate,
  type DraftPosition,
  dissociateOthers,
  type Member,
  purgeDuplicates,
  summarize,
  sweep,
  type TypeChange,
} from './membership.ts'

/** Everything that a draft needs to know of its repository. */
export interface DraftContext {
  readonly database: Database
  readonly types: ContentTypeIds
  readonly fence: Fence
  readonly repositoryId: string
  /** Row id of the repository. */
  readonly repository: number
  /** The repository's importer, whose sources are recorded. */
  readonly importer: number | undefined
  readonly base: RepositoryVersion
}

/** What `examine` found of a unit: blobs of its files that are stored, by path, and its row if there was one. */
interface Examined {
  readonly prepared: PreparedUnit
  readonly stored: ReadonlyMap<string, Measured>
  readonly id: number | undefined
}

/** A unit with what was found and what was fetched of its files. */
interface UnitToAdd extends UnitToSave {
  readonly written: readonly Measured[]
  readonly reused: readonly Measured[]
  readonly examined: number | undefined
}

/** A version in the making, in PostgreSQL. */
export class PostgresVersionDraft implements VersionDraft {
  readonly base: RepositoryVersion
  readonly #context: DraftContext
  readonly #position: DraftPosition
  readonly #statistics: FreshStatistics
  readonly #sources: SourceRecorder | undefined
  /** Identities that upstream still has; what `removeMissing` spares. */
  readonly #seen = new IdentityList()
  #mayHoldDuplicates = false
  /** What `examine` found out about units that are not added yet. */
  readonly #examined = new WeakMap<FoundUnit, Examined>()

  constructor(context: DraftContext) {
    this.#context = context
    this.base = context.base
    this.#position = { repository: context.repository, next: context.base.number + 1 }
    this.#statistics = new FreshStatistics(context.database)
    this.#sources = context.importer === undefined ? undefined : new SourceRecorder(context.importer)
  }

  async examine(units: readonly FoundUnit[]): Promise<readonly ExaminedUnit[]> {
    const { database, types, repositoryId } = this.#context
    const prepared = units.map((unit) => prepareUnit(unit, types, repositoryId))
    const known = await findUnits(database, prepared)
    const missingPaths = await findMissingPaths(database, [...known.values()])
    const stored = await findStored(
      database,
      units.flatMap((unit) => unit.files),
    )
    return prepared.map((unit) => this.#examine(unit, known.get(unit.name), missingPaths, stored))
  }

  #examine(
    prepared: PreparedUnit,
    id: number | undefined,
    missingPaths: ReadonlyMap<number, ReadonlySet<string>>,
    storedByDigest: ReadonlyMap<string, Measured>,
  ): ExaminedUnit {
    const found: [string, Measured][] = []
    const missing: MissingFile[] = []
    prepared.unit.files.forEach((file, index) => {
      const blob = storedFor(file, storedByDigest)
      if (blob !== undefined) found.push([file.path, blob])
      else if (id === undefined || missingPaths.get(id)?.has(file.path)) missing.push({ index })
    })
    const stored = found.length === 0 ? nothingStored : new Map(found)
    this.#examined.set(prepared.unit, { prepared, stored, id })
    return { unit: prepared.unit, missing, stored }
  }

  async add(units: readonly ReadyUnit[]): Promise<readonly FoundUnit[]> {
    if (units.length === 0) return []
    const batch = units.map((unit) => this.#toAdd(unit))
    const added = await this.#fenced((transaction) => this.#addBatch(transaction, batch))
    await this.#statistics.added(added.length)
    for (const { prepared } of added) {
      this.#seen.add(prepared.wireId)
      this.#mayHoldDuplicates ||= prepared.nameId !== prepared.wireId
    }
    const done = new Set(added)
    return batch.filter((unit) => !done.has(unit)).map(({ prepared }) => prepared.unit)
  }

  /**
   * Locks blobs, then units, then files, each in one order among all writers. Returns the units that went in: the others relied on
   * blobs, or on a row of theirs, that were deleted since they were examined.
   */
  async #addBatch(transaction: Transaction<Schema>, batch: readonly UnitToAdd[]): Promise<readonly UnitToAdd[]> {
    const gone = await saveBlobs(
      transaction,
      batch.flatMap(({ written }) => written),
      batch.flatMap(({ reused }) => reused),
    )
    const whole = batch.filter(({ reused }) => !reused.some((blob) => gone.has(blob.sha256)))
    const ids = await saveUnits(transaction, whole, this.#sources)
    const added = whole.filter(({ prepared, examined }) => {
      const id = ids.get(prepared.name)
      return id !== undefined && (examined === undefined || examined === id)
    })
    // The last of two units with one key in a batch wins, as it would in two batches.
    const members = new Map(added.map(({ prepared }) => [prepared.wireId, toMember(prepared, ids)]))
    await associate(transaction, this.#position, [...members.values()])
    return added
  }

  #toAdd(ready: ReadyUnit): UnitToAdd {
    const examined = this.#examined.get(ready.unit)
    const { types, repositoryId } = this.#context
    const prepared = examined?.prepared ?? prepareUnit(ready.unit, types, repositoryId)
    const known = examined?.stored ?? nothingStored
    const stored = ready.fetched.size === 0 ? known : new Map([...known, ...fetchedByPath(ready)])
    return {
      prepared,
      stored,
      written: [...ready.fetched.values()],
      reused: [...known.values()],
      examined: examined?.id,
    }
  }

  keep(units: readonly Pick<FoundUnit, 'type' | 'key'>[]): void {
    const { types, repositoryId } = this.#context
    for (const { type, key } of units) {
      this.#seen.add(unitWireId(unitKeyHash(type, ownedFields(types.declared(type), repositoryId, key))))
    }
  }

  async take(unitIds: readonly number[]): Promise<readonly number[]> {
    const gone: number[] = []
    for (const batch of batches(unitIds)) gone.push(...(await this.#takeBatch(batch)))
    return gone
  }

  async #takeBatch(units: readonly number[]): Promise<readonly number[]> {
    const held = await this.#fenced((transaction) => takeUnits(transaction, this.#context, this.#position, units))
    await this.#statistics.added(held.size)
    for (const { identity, name } of held.values()) {
      this.#seen.add(identity)
      this.#mayHoldDuplicates ||= name !== identity
    }
    return units.filter((unit) => !held.has(unit))
  }

  async drop(unitIds: readonly number[]): Promise<void> {
    for (const batch of batches(unitIds)) {
      await this.#fenced((transaction) => dropMembers(transaction, this.#position, batch))
    }
  }

  async removeMissing(types: readonly string[]): Promise<void> {
    const ids = types.map((type) => this.#context.types.id(type))
    await this.#fenced((transaction) => dissociateOthers(transaction, this.#position, ids, [...this.#seen]))
  }

  commit(remember?: Json, scratchpad?: Json): Promise<VersionCommit> {
    return this.#fenced((transaction) => this.commitIn(transaction, remember, scratchpad))
  }

  /** The same in a transaction that has asserted the fence. */
  async commitIn(transaction: Transaction<Schema>, remember?: Json, scratchpad?: Json): Promise<VersionCommit> {
    if (this.#mayHoldDuplicates) await purgeDuplicates(transaction, this.#position, [...this.#seen])
    const changes = await summarize(transaction, this.#position)
    const version = changes.length === 0 ? this.base : await this.#makeVersion(transaction, changes)
    await keepForImporter(transaction, this.#position, version.number, { remember, scratchpad })
    return { version, ...totalsOf(changes) }
  }

  async #makeVersion(transaction: Transaction<Schema>, changes: readonly TypeChange[]): Promise<RepositoryVersion> {
    const { repository, next } = this.#position
    await this.#sources?.dropUnlisted(transaction, repository, next)
    const { types, fence } = this.#context
    const context = { types, base: this.base, task: fence.taskKey, content: undefined }
    return insertVersion(transaction, this.#position, context, changes)
  }

  async abandon(): Promise<void> {
    await this.#fenced((transaction) => sweep(transaction, this.#position.repository, this.base.number))
  }

  #fenced<Result>(work: (transaction: Transaction<Schema>) => Promise<Result>): Promise<Result> {
    return this.#context.database.transaction().execute(async (transaction) => {
      await assertFence(transaction, this.#context.fence)
      return work(transaction)
    })
  }
}

/** One for all of the many units of which that is true: a map for each takes more than the rest of what is kept of it. */
const nothingStored: ReadonlyMap<string, Measured> = new Map()

function* fetchedByPath({ unit, fetched }: ReadyUnit): Generator<[string, Measured]> {
  for (const [index, blob] of fetched) {
    const path = unit.files[index]?.path
    if (path !== undefined) yield [path, blob]
  }
}

/** Of units that are put in or taken out by row id. */
const batchUnits = 2_000

function* batches(units: readonly number[]): Generator<readonly number[]> {
  for (let at = 0; at < units.length; at += batchUnits) yield units.slice(at, at + batchUnits)
}

function toMember({ name, wireId, nameId, type }: PreparedUnit, ids: ReadonlyMap<string, number>): Member {
  return { unit: ids.get(name) as number, type, identity: wireId, name: nameId }
}
