import { ConfigReader } from '../../core/config-reader.ts'
import type { FilledFolder } from '../../core/distributor.ts'
import type { GroupDistributor, GroupMember, GroupPublishRun } from '../../core/group-distributor.ts'
import type { JsonObject } from '../../core/json.ts'
import { manifestName } from '../../formats/file-manifest.ts'
import { isoManifest } from './iso-distributor.ts'
import { isoType } from './iso-type.ts'

interface IsoGroupConfig {
  readonly exportDir: string
}

/** Writes the files of each repository of a group, with a manifest, into a folder of its own: what a mirror can sync from by `file:`. */
export const isoGroupDistributor: GroupDistributor<IsoGroupConfig> = {
  id: 'iso_group_distributor',
  displayName: 'ISO Group Distributor',
  contentTypes: [isoType.id],
  config: { parse, secrets: [] },
  folder: ({ exportDir }) => ({ path: exportDir, key: 'export_dir' }),
  publish,
  describe: ({ state, steps, error = null }) => ({
    state,
    items_total: steps[0]?.total ?? 0,
    num_processed: steps[0]?.done ?? 0,
    error_message: error,
  }),
}

function parse(raw: JsonObject): IsoGroupConfig {
  const reader = new ConfigReader(raw)
  const exportDir = reader.text('export_dir')
  if (exportDir === undefined) reader.refuse('export_dir', 'export_dir must be the folder that is to be filled')
  reader.finish()
  return { exportDir: exportDir ?? '' }
}

async function publish(run: GroupPublishRun<IsoGroupConfig>, folder: FilledFolder): Promise<void> {
  const total = run.repositories.reduce((sum, { version }) => sum + (version.counts[isoType.id] ?? 0), 0)
  let done = 0
  run.step('files', 'in-progress', { total, done })
  for (const member of run.repositories) {
    const below = `${member.repository.id}/`
    for await (const file of filesOf(member)) {
      run.signal.throwIfAborted()
      await folder.write(`${below}${file.path}`, member.read(file))
      done += 1
      run.step('files', 'in-progress', { total, done })
    }
    await folder.make(below, { path: manifestName, mediaType: 'text/csv', body: isoManifest(member) })
  }
  run.step('files', 'finished', { total, done })
}

async function* filesOf(member: GroupMember) {
  for await (const { files } of member.units({ types: [isoType.id], order: ['name', 'checksum'], files: true }))
    yield* files
}
