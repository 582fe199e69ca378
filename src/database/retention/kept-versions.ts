import { type RawBuilder, sql } from 'kysely'

/** Readers follow a switch within 5 s and may be in the middle of a look-up; twice that. */
const marginSeconds = 10

export interface RetentionRules {
  /** Versions that a repository keeps if it says nothing itself. At least 1. */
  readonly keep: number
  /** How long a superseded publication is served. */
  readonly graceSeconds: number
}

/** Conditions over a row `repository`; `now()` is the start of the transaction. */
export class KeptVersions {
  readonly #rules: RetentionRules

  constructor(rules: RetentionRules) {
    this.#rules = rules
  }

  /** How many the repository keeps. */
  get count(): RawBuilder<number> {
    return sql<number>`coalesce(repository.retain_versions, ${this.#rules.keep}::integer)`
  }

  /** Whether the version of this number is kept: among the newest, or named by a publication that is needed. */
  keeps(version: RawBuilder<unknown>): RawBuilder<boolean> {
    const holder = sql.table('holder')
    return sql<boolean>`(${version} > repository.latest - ${this.count} OR EXISTS (
      SELECT FROM publication AS holder WHERE holder.repository = repository.id AND holder.version = ${version}
      AND NOT ${this.isOver(holder)}))`
  }

  /**
   * Whether a publication of the repository, given by its table alias, may go: a draft whose task is over, or one out of grace whose
   * version is not kept.
   */
  mayGo(publication: RawBuilder<unknown>): RawBuilder<boolean> {
    return sql<boolean>`CASE WHEN ${publication}.live_from IS NULL THEN ${this.isLeft(publication)}
      ELSE ${this.isOver(publication)} AND NOT ${this.keeps(sql`${publication}.version`)} END`
  }

  /** Of a draft: its task is over. */
  isLeft(publication: RawBuilder<unknown>): RawBuilder<boolean> {
    return sql<boolean>`NOT EXISTS (SELECT FROM task WHERE task.id = ${publication}.task AND task.finished IS NULL)`
  }

  /** Neither served nor in grace; a draft is neither, and not over. */
  isOver(publication: RawBuilder<unknown>): RawBuilder<boolean> {
    const seconds = this.#rules.graceSeconds + marginSeconds
    return sql<boolean>`(coalesce(${publication}.superseded_at <= now() - make_interval(secs => ${seconds}), false)
      AND NOT EXISTS (SELECT FROM live_publication AS live WHERE live.publication = ${publication}.id))`
  }
}
