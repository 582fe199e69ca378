import { ConfigReader } from '../../core/config-reader.ts'
import type { FilledFolder } from '../../core/distributor.ts'
import type { GroupDistributor, GroupPublishRun } from '../../core/group-distributor.ts'
import type { JsonObject } from '../../core/json.ts'
import { indexName } from './demo-layout.ts'
import { textType } from './text-type.ts'

interface DemoGroupConfig {
  readonly exportDir: string
}

/** Writes the texts of each repository of a group into a folder of its own, beside one index of all; other keys mean nothing. */
export const demoGroupDistributor: GroupDistributor<DemoGroupConfig> = {
  id: 'demo_group_distributor',
  displayName: 'Demo Group Distributor',
  contentTypes: [textType.id],
  config: { parse, secrets: [] },
  folder: ({ exportDir }) => ({ path: exportDir, key: 'export_dir' }),
  publish,
  describe: ({ state, error = null }) => ({ state, error }),
}

function parse(raw: JsonObject): DemoGroupConfig {
  const reader = new ConfigReader(raw)
  const exportDir = reader.text('export_dir')
  if (exportDir === undefined) reader.refuse('export_dir', 'export_dir must be the folder that is to be filled')
  reader.finish()
  return { exportDir: exportDir ?? '' }
}

async function publish(run: GroupPublishRun<DemoGroupConfig>, folder: FilledFolder): Promise<void> {
  const names: string[] = []
  for (const { repository, units, read } of run.repositories) {
    for await (const { files } of units({ types: [textType.id], order: ['name'], files: true })) {
      run.signal.throwIfAborted()
      for (const file of files) {
        const name = `${repository.id}/${file.path}`
        await folder.write(name, read(file))
        names.push(`${name}\n`)
      }
    }
  }
  await folder.make('', { path: indexName, mediaType: 'text/plain', body: printed(names) })
}

async function* printed(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const line of lines) yield Buffer.from(line)
}
