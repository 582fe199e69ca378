import type { ConsumerKindTags, ConsumerSearches } from '../../core/consumer.ts'
import type { Criteria } from '../../core/criteria.ts'
import type { Database } from '../connection.ts'
import { searchBindings, searchProfiles } from './binding-search.ts'
import { searchConsumerGroups, searchConsumers } from './consumer-search.ts'

/** Searches over consumers and what is theirs, in PostgreSQL. */
export class PostgresConsumerSearches implements ConsumerSearches {
  readonly #database: Database
  readonly #kindTags: ConsumerKindTags

  constructor(database: Database, kindTags: ConsumerKindTags) {
    this.#database = database
    this.#kindTags = kindTags
  }

  consumers(criteria: Criteria) {
    return searchConsumers(this.#database, this.#kindTags, criteria)
  }

  bindings(criteria: Criteria) {
    return searchBindings(this.#database, this.#kindTags, criteria)
  }

  profiles(criteria: Criteria) {
    return searchProfiles(this.#database, this.#kindTags, criteria)
  }

  groups(criteria: Criteria) {
    return searchConsumerGroups(this.#database, this.#kindTags, criteria)
  }
}
