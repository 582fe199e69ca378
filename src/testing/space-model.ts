import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { StagedBlob } from '../core/blob-store.ts'
import { DeckleError } from '../core/errors.ts'
import type { VersionDraft } from '../core/repository-version.ts'
import type { Fence } from '../core/task.ts'
import type { FoundUnit } from '../core/unit.ts'
import type { Database, OpenDatabase } from '../database/connection.ts'
import { PostgresDeferredFileStore } from '../database/files/postgres-deferred-file-store.ts'
import { PostgresPublicationStore } from '../database/publication-store.ts'
import { PostgresVersionRetention } from '../database/retention/version-retention.ts'
import { PostgresBlobCatalog } from '../database/space/postgres-blob-catalog.ts'
import { PostgresBlobSweeper } from '../database/space/postgres-blob-sweeper.ts'
import { PostgresOrphans } from '../database/space/postgres-orphans.ts'
import { saveBlobs } from '../database/space/save-blobs.ts'
import type { ContentTypeIds } from '../database/units/content-type-ids.ts'
import { PostgresVersionStore } from '../database/versions/version-store.ts'
import { aThing } from './catalog.ts'
import { runningTask } from './fences.ts'
import { Actor, Crash, type Interleaving } from './interleaving.ts'
import type { TestRepository } from './publications.ts'
import type { Reservations } from './reservations.ts'
import type { SeededRandom } from './seeded-random.ts'
import { type ModelDisk, SteppedBlobs } from './stepped-blobs.ts'
import { openSteppedDatabase } from './stepped-database.ts'

/** No grace at all; the margin of ten seconds is taken back. */
export const noGrace = -10

/** What upstreams hold: few names and few contents, so that everything is shared. */
const names = ['a', 'b', 'c']
export const contents = ['red', 'green', 'blue', 'white', 'black', 'pink']

/** Everything that all processes of a model share. */
export interface SpaceModel {
  readonly opened: OpenDatabase
  readonly types: ContentTypeIds
  readonly disk: ModelDisk
  readonly random: SeededRandom
  readonly interleaving: Interleaving
  readonly reservations: Reservations
  readonly repositories: readonly (TestRepository & { readonly name: string })[]
}

/** One process of the model, with stores of its own over the shared database and disk. */
export class SpaceProcess {
  readonly #model: SpaceModel
  readonly #actor: Actor
  readonly #database: Database
  readonly #blobs: SteppedBlobs

  constructor(model: SpaceModel) {
    this.#model = model
    this.#actor = new Actor(model.interleaving, model.random)
    this.#database = openSteppedDatabase(model.opened.url, () => this.#actor.step())
    this.#blobs = new SteppedBlobs(model.disk, () => this.#actor.step())
  }

  /** Does the work again and again, dying in the middle now and then; like a worker it begins again. */
  async live(goesOn: (time: number) => boolean, work: (process: SpaceProcess) => Promise<void>): Promise<void> {
    for (let time = 0; goesOn(time) && !this.#model.interleaving.failed; time += 1) {
      this.#actor.revive(6, 40)
      try {
        await work(this)
      } catch (error) {
        if (!isDeath(error)) throw error
      }
    }
  }

  close(): Promise<void> {
    return this.#database.destroy()
  }

  /** A sync as `SyncSession` does it; without `fetches` what is missing stays to be fetched later. */
  async sync(repository: string, fetches: boolean): Promise<void> {
    const versions = new PostgresVersionStore(this.#database, this.#model.opened.pool, this.#model.types)
    await this.#asTask(async (fence) => {
      const draft = await versions.open(repository, fence)
      await this.#add(draft, this.#someUnits(), fetches)
      await draft.removeMissing(['thing'])
      await draft.commit({ fetches })
    })
  }

  /** Copies some of what another repository has or had, orphans among it, or goes to one of its last versions. */
  async copy(from: string, to: string): Promise<void> {
    const { random } = this.#model
    const versions = new PostgresVersionStore(this.#database, this.#model.opened.pool, this.#model.types)
    await this.#asTask(async (fence) => {
      if (random.below(3) === 0) {
        const version = Math.max(0, (await this.#latest(from)) - random.below(2))
        await versions.takeOver(to, { repositoryId: from, version }, fence)
        return
      }
      const draft = await versions.open(to, fence)
      await this.#take(draft, from)
      await draft.commit()
    })
  }

  /** What is deleted between the look and the hold stays out. */
  async #take(draft: VersionDraft, from: string): Promise<void> {
    const { rows } = await sql<{ unit: number }>`
      SELECT unit FROM membership JOIN repository ON repository.id = membership.repository
      WHERE repository.name = ${from}`.execute(this.#database)
    const some = rows.map(({ unit }) => unit).filter(() => this.#model.random.below(3) > 0)
    await draft.take(some)
    await draft.drop(some.slice(2))
  }

  async #latest(name: string): Promise<number> {
    const { rows } = await sql<{ latest: number }>`SELECT latest FROM repository WHERE name = ${name}`.execute(
      this.#database,
    )
    return rows[0]?.latest ?? 0
  }

  async #add(draft: VersionDraft, units: readonly FoundUnit[], fetches: boolean): Promise<void> {
    const ready = (await draft.examine(units)).map(({ unit, missing }) => {
      const wanted = fetches ? missing : []
      return { unit, fetched: new Map(wanted.map(({ index }) => [index, this.#fetch(unit, index)] as const)) }
    })
    const staged = ready.flatMap(({ fetched }) => [...fetched.values()])
    await this.#store(staged, async () => {
      const again = await draft.add(ready)
      if (again.length > 0) await this.#add(draft, again, fetches)
    })
  }

  #someUnits(): readonly FoundUnit[] {
    const { random } = this.#model
    return names.filter(() => random.below(2) === 0).map((name) => aThing(name, random.pick(contents) ?? ''))
  }

  #fetch(unit: FoundUnit, index: number): StagedBlob {
    const url = new URL(unit.files[index]?.urls[0] ?? '')
    return this.#blobs.stage(decodeURIComponent(url.pathname.slice(1)))
  }

  /** Reserves, writes, refers: the one order in which bytes come in. */
  #store<Result>(staged: readonly StagedBlob[], refer: () => Promise<Result>): Promise<Result> {
    return this.#model.reservations.during(staged, async () => {
      await new PostgresBlobCatalog(this.#database).reserve(staged)
      await this.#blobs.commit(staged)
      return refer()
    })
  }

  /**
   * The bare core of it all: gives `unit` a file that may be stored already, looks whether it has its bytes, and takes it away
   * again.
   */
  async share(unit: number): Promise<void> {
    const staged = this.#blobs.stage(this.#model.random.pick(contents.slice(0, 2)) ?? '')
    const digest = Buffer.from(staged.sha256, 'hex')
    const { rows } = await sql`
      SELECT FROM blob WHERE sha256 = ${digest} AND stored_at IS NOT NULL`.execute(this.#database)
    const written = rows.length > 0 ? [] : [staged]
    const referred = await this.#store(written, () =>
      this.#database.transaction().execute(async (transaction) => {
        const gone = await saveBlobs(transaction, written, written.length > 0 ? [] : [staged])
        if (gone.size > 0) return false
        await sql`
          INSERT INTO unit_file (unit, path, file) SELECT ${unit}, 'shared', id FROM file WHERE sha256 = ${digest}
          ON CONFLICT (unit, path) DO UPDATE SET file = excluded.file`.execute(transaction)
        return true
      }),
    )
    if (referred) await this.#requireStored(digest)
    await sql`DELETE FROM unit_file WHERE unit = ${unit}`.execute(this.#database)
  }

  async #requireStored(digest: Buffer): Promise<void> {
    const { rows } = await sql`
      SELECT FROM blob WHERE sha256 = ${digest} AND stored_at IS NOT NULL`.execute(this.#database)
    const { disk } = this.#model
    if (rows.length === 0 || !disk.has(digest.toString('hex'))) throw new Error('a blob that is referred to is lost')
  }

  /** Somebody asks for a file that is not stored. */
  async fetchLater(): Promise<void> {
    const files = new PostgresDeferredFileStore(this.#database)
    const { rows } = await sql<{ id: number; sha256: Buffer }>`
      SELECT file.id, file.sha256 FROM file LEFT JOIN blob ON blob.sha256 = file.sha256
      WHERE blob.stored_at IS NULL ORDER BY file.id`.execute(this.#database)
    const row = this.#model.random.pick(rows)
    const content = contents.find((candidate) => this.#blobs.stage(candidate).sha256 === row?.sha256.toString('hex'))
    if (row === undefined || content === undefined) return
    const holder = randomUUID()
    if ((await files.lease(row.id, holder)).state !== 'taken') return
    const staged = this.#blobs.stage(content)
    await this.#store([staged], () => files.complete(row.id, holder, staged))
  }

  /** Publishes the latest version, or goes back to an older one. */
  async publish(at: SpaceModel['repositories'][number]): Promise<void> {
    const { random } = this.#model
    const { latest } = await this.#database
      .selectFrom('repository')
      .select('latest')
      .where('id', '=', at.repository)
      .executeTakeFirstOrThrow()
    const version = Math.max(0, latest - random.below(3))
    await this.#asTask(async (fence) => {
      const publications = new PostgresPublicationStore(this.#database)
      const wanted = { repositoryId: at.name, distributorKey: at.distributor, distributorType: 't', layout: 'flat' }
      const draft = await publications.begin({ ...wanted, version, config: {}, basePath: `/${at.name}` }, fence)
      for (const path of ['index', 'list']) {
        const staged = this.#blobs.stage(random.pick(contents) ?? '')
        const { sha256, size } = staged
        const file = { path, size, sha256, mediaType: 'text/plain', rope: [{ sha256, offset: 0, length: size }] }
        const isLast = path === 'list'
        await this.#store([staged], () => (isLast ? draft.activate({ files: [file] }) : draft.addFiles([file])))
      }
    })
  }

  async retain(repository: number): Promise<void> {
    await new PostgresVersionRetention(this.#database, { keep: 2, graceSeconds: noGrace }).prune(repository)
  }

  async deleteOrphans(): Promise<void> {
    const orphans = new PostgresOrphans({
      database: this.#database,
      types: this.#model.types,
      graceSeconds: noGrace,
      batchUnits: 3,
    })
    await this.#asTask(async (fence) => void (await orphans.delete({}, fence, new AbortController().signal)))
  }

  async dropFiles(): Promise<void> {
    await this.#sweeper.dropUnusedFiles(100)
  }

  async condemn(): Promise<void> {
    await this.#sweeper.condemnUnreferenced(100)
  }

  async sweep(): Promise<void> {
    await this.#sweeper.sweep(3)
  }

  get #sweeper(): PostgresBlobSweeper {
    return new PostgresBlobSweeper({ database: this.#database, blobs: this.#blobs, graceSeconds: 0 })
  }

  /** The task of a dead process is over as far as the model goes: its successor is another one. */
  async #asTask(work: (fence: Fence) => Promise<void>): Promise<void> {
    const { database } = this.#model.opened
    const fence = await runningTask(database)
    try {
      await work(fence)
    } finally {
      await database
        .updateTable('task')
        .set({ state: 'finished', finished: new Date() })
        .where('id', '=', fence.taskKey)
        .execute()
    }
  }
}

/** A publication or a copy of a version that has lost units is refused, and one that is gone; everything else that fails is a fault. */
function isDeath(error: unknown): boolean {
  return error instanceof Crash || (error instanceof DeckleError && /deleted as orphans|version=/.test(error.message))
}
