import type { Searchable } from '../criteria-shape.ts'
import { bindingsQuery } from './consumers.ts'

/** What criteria may say of consumers, where they are searched and where they go into groups. */
export const consumerCriteria: Searchable = { objectIds: true, options: bindingsQuery }
