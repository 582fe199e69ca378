import type { ContentType } from '../../core/content-type.ts'
import { compsTypes } from './comps/comps-types.ts'
import { customMetadataType } from './custom-metadata/custom-metadata-unit.ts'
import { deltaType } from './delta/delta-unit.ts'
import { erratumType } from './errata/erratum-unit.ts'
import { moduleTypes } from './modules/module-types.ts'
import { rpmType, srpmType } from './rpm-types.ts'

/** What the metadata of a yum repository describes. */
export const describedTypes: readonly ContentType[] = [
  rpmType,
  srpmType,
  deltaType,
  erratumType,
  ...moduleTypes,
  ...compsTypes,
  customMetadataType,
]
