import type { FilledFolder } from '../../core/distributor.ts'
import type { GroupDistributor, GroupMember, GroupPublishRun } from '../../core/group-distributor.ts'
import { requireNoNulls } from './export/export-config.ts'
import { ExportManifest } from './export/export-manifest.ts'
import { countExported } from './export/exported-content.ts'
import { writeExport } from './export/write-export.ts'
import { type GroupExportConfig, parseGroupExportConfig } from './group-export-config.ts'
import { yumDistributor } from './yum-distributor.ts'
import { describeGroupExport } from './yum-publish-report.ts'

/** Writes each repository of a group as a yum repository into a folder with its id below `export_dir` (pulp2-types §6). */
export const groupExportDistributor: GroupDistributor<GroupExportConfig> = {
  id: 'group_export_distributor',
  displayName: 'Group Export Distributor',
  contentTypes: yumDistributor.contentTypes,
  config: { parse: parseGroupExportConfig, storable: requireNoNulls, secrets: [] },
  folder: ({ exportDir }) => ({ path: exportDir, key: 'export_dir' }),
  async publish(run, folder) {
    const manifest = run.config.manifest ? new ExportManifest() : undefined
    for (const member of run.repositories) await writeRepository(run, member, folder, manifest)
    if (manifest !== undefined) await folder.make('', manifest.file())
  },
  describe: describeGroupExport,
}

async function writeRepository(
  run: GroupPublishRun<GroupExportConfig>,
  member: GroupMember,
  folder: FilledFolder,
  manifest: ExportManifest | undefined,
): Promise<void> {
  const { id } = member.repository
  const exported = { ...run, ...member, step: () => undefined }
  const total = countExported(exported, run.config)
  let done = 0
  run.step(id, 'in-progress', { total, done })
  const progress = () => {
    done += 1
    run.step(id, 'in-progress', { total, done })
  }
  await writeExport(exported, run.config, { folder, below: `${id}/`, manifest, progress })
  run.step(id, 'finished', { total, done })
}
