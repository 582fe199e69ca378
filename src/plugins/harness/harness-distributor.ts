import { ConfigReader } from '../../core/config-reader.ts'
import type {
  Distributor,
  GeneratedFile,
  PublishDescription,
  PublishProgress,
  PublishRun,
} from '../../core/distributor.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Layout } from '../../core/layout.ts'
import type { SafeFolder } from '../../core/safe-folder.ts'
import { delay, readDelay } from './delay.ts'

interface HarnessConfig {
  /** Undefined when no files are to be written. */
  readonly publishDir: string | undefined
  readonly delaySeconds: number
}

const contentTypes = ['harness_type_one', 'harness_type_two']

const layout: Layout = {
  id: 'harness-1',
  locate: (path) => path,
  place: (unitFile) => unitFile,
  unitFilesBelow: (folder) => folder,
}

/** Writes the files of units into `publish_dir`, which holds nothing else then (pulp2-types §11), and serves them besides. */
export const harnessDistributor: Distributor<HarnessConfig> = {
  id: 'harness_distributor',
  displayName: 'Test Harness Distributor',
  contentTypes,
  config: { parse, secrets: [] },
  basePath: (_config, repositoryId) => `/pulp/harness/${repositoryId}`,
  layout: () => layout.id,
  layouts: { [layout.id]: layout },
  publish,
  delivery: {
    folder: ({ publishDir }) => (publishDir === undefined ? undefined : { path: publishDir, key: 'publish_dir' }),
    deliver,
  },
  describe,
}

function parse(raw: JsonObject): HarnessConfig {
  const reader = new ConfigReader(raw)
  const writes = reader.flag('write_files', false)
  const publishDir = reader.text('publish_dir')
  if (writes && !publishDir) reader.refuse('publish_dir', 'publish_dir is needed when write_files is true')
  const delaySeconds = readDelay(reader, 'publish_delay_in_seconds')
  reader.finish()
  return { publishDir: writes ? publishDir : undefined, delaySeconds }
}

// biome-ignore lint/correctness/useYield: it has files of units only
async function* publish(run: PublishRun<HarnessConfig>): AsyncGenerator<GeneratedFile> {
  run.step('publish', 'in-progress')
  await delay(run.config.delaySeconds, run.signal)
  run.step('publish', 'finished')
  run.keep((typeof run.scratchpad === 'number' ? run.scratchpad : 0) + 1)
}

async function deliver(run: PublishRun<HarnessConfig>, folder: SafeFolder): Promise<void> {
  for await (const { files } of run.units({ types: contentTypes, files: true })) {
    for (const file of files) await folder.write(file.path, run.read(file))
  }
}

function describe({ state, error }: PublishProgress): PublishDescription {
  const details = error === undefined ? `state: ${state}` : `state: ${state}\nerror: ${error}`
  return { report: { state }, summary: `The publish is ${state}`, details }
}
