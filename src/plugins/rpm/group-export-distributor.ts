import type { GroupDistributor, GroupFolder, GroupMember, GroupPublishRun } from '../../core/group-distributor.ts'
import { customMetadataType } from './custom-metadata/custom-metadata-unit.ts'
import { deltaType } from './delta/delta-unit.ts'
import { type GroupExportConfig, parseGroupExportConfig, requireNoNulls } from './group-export-config.ts'
import { rpmType, srpmType } from './rpm-types.ts'
import { distributionType } from './trees/distribution-unit.ts'
import { yumDistributor } from './yum-distributor.ts'
import { describeGroupExport } from './yum-publish-report.ts'

/** Those that have files. */
const types = [rpmType.id, srpmType.id, deltaType.id, customMetadataType.id, distributionType.id]

/** Writes each repository of a group as a yum repository into a folder with its id below `export_dir` (pulp2-types §6). */
export const groupExportDistributor: GroupDistributor<GroupExportConfig> = {
  id: 'group_export_distributor',
  displayName: 'Group Export Distributor',
  contentTypes: types,
  config: { parse: parseGroupExportConfig, storable: requireNoNulls, secrets: [] },
  folder: ({ exportDir }) => ({ path: exportDir, key: 'export_dir' }),
  async publish(run, folder) {
    for (const member of run.repositories) await writeRepository(run, member, folder)
  },
  describe: describeGroupExport,
}

/** Files of units first, so that the metadata never names what is not there. */
async function writeRepository(
  run: GroupPublishRun<GroupExportConfig>,
  member: GroupMember,
  folder: GroupFolder,
): Promise<void> {
  const below = `${member.repository.id}/`
  const { skip, signMetadata } = run.config
  const place = { relative_url: null, http: true, https: true }
  const config = yumDistributor.config.parse({ ...place, skip, gpg_sign_metadata: signMetadata })
  const published = types.filter((type) => !run.config.skip.includes(type))
  const total = published.reduce((sum, type) => sum + (member.version.counts[type] ?? 0), 0)
  const layout = yumDistributor.layouts[yumDistributor.layout(config)]
  let done = 0
  run.step(member.repository.id, 'in-progress', { total, done })
  for await (const { files } of member.units({ types: published, files: true })) {
    run.signal.throwIfAborted()
    for (const file of files) await folder.write(`${below}${layout?.place(file.path) ?? file.path}`, member.read(file))
    done += 1
    run.step(member.repository.id, 'in-progress', { total, done })
  }
  const publish = { ...run, ...member, config, step: () => undefined, previous: async () => undefined }
  for await (const made of yumDistributor.publish(publish)) await folder.make(below, made)
  run.step(member.repository.id, 'finished', { total, done })
}
