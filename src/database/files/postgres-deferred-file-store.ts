import type {
  DeferredFile,
  DeferredFileStore,
  FileSource,
  LeaseAnswer,
  RepositoryFile,
} from '../../core/deferred-file.ts'
import { type Digest, isDigestAlgorithm, type Measured } from '../../core/digest.ts'
import type { Database } from '../connection.ts'
import { completeFile } from './complete-file.ts'
import { leaseFile, releaseLease, renewLease } from './fetch-leases.ts'
import { hasMissingFiles, readRepositoryFiles } from './repository-files.ts'

/** Files that are known and not stored, in PostgreSQL. */
export class PostgresDeferredFileStore implements DeferredFileStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async get(key: number): Promise<DeferredFile | undefined> {
    const row = await this.#database
      .selectFrom('file')
      .select(['sha256', 'size'])
      .where('id', '=', key)
      .where(({ exists, selectFrom }) => exists(selectFrom('unit_file').where('unit_file.file', '=', key)))
      .executeTakeFirst()
    if (row === undefined) return undefined
    const [others, sources] = await Promise.all([this.#checksums(key), this.#sources(key)])
    const sha256 = row.sha256?.toString('hex')
    const digests: Digest[] = [...(sha256 === undefined ? [] : [{ algorithm: 'sha256' as const, value: sha256 }])]
    return {
      key,
      expected: { digests: [...digests, ...others], ...(row.size !== null && { size: row.size }) },
      sources,
    }
  }

  lease(key: number, holder: string): Promise<LeaseAnswer> {
    return leaseFile(this.#database, key, holder)
  }

  renew(key: number, holder: string, handle: string | null): Promise<boolean> {
    return renewLease(this.#database, key, holder, handle)
  }

  release(key: number, holder: string): Promise<void> {
    return releaseLease(this.#database, key, holder)
  }

  complete(key: number, holder: string, blob: Measured): Promise<void> {
    return completeFile(this.#database, key, holder, blob)
  }

  async forget(sha256: string): Promise<void> {
    await this.#database
      .updateTable('blob')
      .set({ stored_at: null })
      .where('sha256', '=', Buffer.from(sha256, 'hex'))
      .execute()
  }

  ofRepository(repositoryId: string, which: 'missing' | 'all'): AsyncIterable<RepositoryFile> {
    return readRepositoryFiles(this.#database, repositoryId, which === 'missing')
  }

  hasMissing(repositoryId: string): Promise<boolean> {
    return hasMissingFiles(this.#database, repositoryId)
  }

  async #checksums(key: number): Promise<readonly Digest[]> {
    const rows = await this.#database
      .selectFrom('file_checksum')
      .select(['algorithm', 'value'])
      .where('file', '=', key)
      .orderBy('algorithm')
      .orderBy('value')
      .execute()
    return rows.flatMap(({ algorithm, value }) =>
      isDigestAlgorithm(algorithm) ? [{ algorithm, value: value.toString('hex') }] : [],
    )
  }

  async #sources(key: number): Promise<readonly FileSource[]> {
    const rows = await this.#database
      .selectFrom('file_source')
      .innerJoin('importer', 'importer.id', 'file_source.importer')
      .select(['file_source.url', 'importer.id', 'importer.type', 'importer.config'])
      .where('file_source.file', '=', key)
      .orderBy('file_source.rank')
      .orderBy('importer.id')
      .orderBy('file_source.url')
      .execute()
    return rows.map(({ url, id, type, config }) => ({ url, importerKey: id, importerType: type, config }))
  }
}
