import { ConfigReader } from '../../core/config-reader.ts'
import type { Distributor, GeneratedFile, PublishRun } from '../../core/distributor.ts'
import type { JsonObject } from '../../core/json.ts'
import { effectiveRelativeUrl, relativeUrlFault, requireDistinctUrl } from '../../core/relative-url.ts'
import { demoLayout, indexName } from './demo-layout.ts'
import { textType } from './text-type.ts'

interface DemoConfig {
  readonly relativeUrl: string | undefined
}

/** Publishes texts below `/pulp/demo/`, with an index of their names; all keys but `relative_url` mean nothing. */
export const demoDistributor: Distributor<DemoConfig> = {
  id: 'demo_distributor',
  displayName: 'Demo Distributor',
  contentTypes: [textType.id],
  config: { parse, secrets: [] },
  validate: (config, repositoryId, others) =>
    requireDistinctUrl(effectiveRelativeUrl(config.relativeUrl, repositoryId), others),
  basePath: (config, repositoryId) => `/pulp/demo/${effectiveRelativeUrl(config.relativeUrl, repositoryId)}`,
  layout: () => demoLayout.id,
  layouts: { [demoLayout.id]: demoLayout },
  publish,
  sharing: { placeKeys: ['relative_url'] },
  describe: ({ state, error = null }) => ({ report: { state, error }, summary: { state }, details: null }),
}

function parse(raw: JsonObject): DemoConfig {
  const reader = new ConfigReader(raw)
  const relativeUrl = reader.text('relative_url')
  const fault = relativeUrlFault(relativeUrl ?? '')
  if (fault !== undefined) reader.refuse('relative_url', fault)
  reader.finish()
  return { relativeUrl }
}

async function* publish(run: PublishRun<DemoConfig>): AsyncGenerator<GeneratedFile> {
  yield { path: indexName, mediaType: 'text/plain', body: index(run) }
}

async function* index(run: PublishRun<DemoConfig>): AsyncGenerator<Uint8Array> {
  for await (const { unit } of run.units({ types: [textType.id], order: ['name'] })) {
    yield Buffer.from(`${unit.metadata['name']}\n`)
  }
}
