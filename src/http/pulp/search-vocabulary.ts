import type { SearchVocabulary } from '../../core/criteria.ts'
import type { Plugins } from '../../core/plugin.ts'
import { kindTags } from './object-id.ts'
import { tagPrefix } from './task-report.ts'
import { taskTypes } from './task-types.ts'

/** How this API spells things, for the database that searches them. */
export function pulpSearchVocabulary(plugins: Plugins): SearchVocabulary {
  const secrets = plugins.distributors.flatMap((distributor) => distributor.config.secrets)
  return { kindTags, tagPrefix, taskTypes, secrets: [...new Set(secrets)] }
}
