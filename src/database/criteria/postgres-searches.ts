import type { Criteria, Searches, SearchVocabulary } from '../../core/criteria.ts'
import type { Database } from '../connection.ts'
import { searchDistributors } from './distributor-search.ts'
import { searchRepositoryGroups } from './group-search.ts'
import { searchRepositories } from './repository-search.ts'
import { searchTasks } from './task-search.ts'
import { searchUsers } from './user-search.ts'

/** Searches in PostgreSQL, over objects as one API's vocabulary shows them. */
export class PostgresSearches implements Searches {
  readonly #database: Database
  readonly #vocabulary: SearchVocabulary

  constructor(database: Database, vocabulary: SearchVocabulary) {
    this.#database = database
    this.#vocabulary = vocabulary
  }

  repositories(criteria: Criteria) {
    return searchRepositories(this.#database, this.#vocabulary, criteria)
  }

  distributors(criteria: Criteria) {
    return searchDistributors(this.#database, this.#vocabulary, criteria)
  }

  repositoryGroups(criteria: Criteria) {
    return searchRepositoryGroups(this.#database, this.#vocabulary, criteria)
  }

  users(criteria: Criteria) {
    return searchUsers(this.#database, this.#vocabulary, criteria)
  }

  tasks(criteria: Criteria) {
    return searchTasks(this.#database, this.#vocabulary, criteria)
  }
}
