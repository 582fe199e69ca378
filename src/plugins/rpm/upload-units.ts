import { invalid } from '../../core/errors.ts'
import type { UploadedUnits, UploadRun } from '../../core/upload.ts'
import { categoryType, environmentType, groupType } from './comps/comps-types.ts'
import { uploadComps } from './comps/upload-comps.ts'
import { customMetadataType } from './custom-metadata/custom-metadata-unit.ts'
import { uploadCustomMetadata } from './custom-metadata/upload-custom-metadata.ts'
import { deltaType } from './delta/delta-unit.ts'
import { uploadDelta } from './delta/upload-delta.ts'
import { erratumType } from './errata/erratum-unit.ts'
import { uploadErratum } from './errata/upload-erratum.ts'
import { moduleTypes } from './modules/module-types.ts'
import { uploadModules } from './modules/upload-modules.ts'
import { uploadPackage } from './package/upload-package.ts'
import { rpmType, srpmType } from './rpm-types.ts'
import type { YumImporterConfig } from './yum-importer-config.ts'

type Run = UploadRun<YumImporterConfig>

/** Who makes units of what is uploaded, by their type (pulp2-types §5.5). */
const uploads = new Map<string, (run: Run) => Promise<UploadedUnits>>([
  [rpmType.id, uploadPackage],
  [srpmType.id, uploadPackage],
  [deltaType.id, uploadDelta],
  [erratumType.id, async (run) => ({ ...(await uploadErratum(run)), unlinked: run.config.skipErratumLink })],
  [customMetadataType.id, uploadCustomMetadata],
  ...moduleTypes.map(({ id }) => [id, uploadModules] as const),
  [groupType.id, uploadComps],
  [categoryType.id, uploadComps],
  [environmentType.id, uploadComps],
])

/** Throws kind `invalid`, also for a type whose units only syncs bring. */
export async function uploadUnits(run: Run): Promise<UploadedUnits> {
  const upload = uploads.get(run.type)
  if (upload === undefined) throw invalid(`units of the type ${run.type} cannot be uploaded`, ['unit_type_id'])
  return upload(run)
}
