import { ConfigReader } from '../../core/config-reader.ts'
import type { PublicationAccess } from '../../core/content-access.ts'
import type {
  Distributor,
  GeneratedFile,
  PayloadContext,
  PublishDescription,
  PublishProgress,
  PublishRun,
} from '../../core/distributor.ts'
import type { JsonObject } from '../../core/json.ts'
import { effectiveRelativeUrl, relativeUrlFault, requireDistinctUrl } from '../../core/relative-url.ts'
import { consumerAddress } from '../../core/server-addresses.ts'
import { manifestName, printManifestLine } from '../../formats/file-manifest.ts'
import { filesLayout } from './files-layout.ts'
import { withoutZone } from './iso-sync-report.ts'
import { isoType } from './iso-type.ts'

interface IsoDistributorConfig {
  readonly relativeUrl: string | undefined
  readonly serveHttp: boolean
  readonly serveHttps: boolean
}

/** Publishes files below `/pulp/isos/`, with a manifest that other mirrors can sync from (pulp2-types §7). */
export const isoDistributor: Distributor<IsoDistributorConfig> = {
  id: 'iso_distributor',
  displayName: 'ISO Distributor',
  contentTypes: [isoType.id],
  config: { parse: parseConfig, secrets: [] },
  validate: (config, repositoryId, others) => requireDistinctUrl(urlOf(config, repositoryId), others),
  basePath: (config, repositoryId) => `/pulp/isos/${urlOf(config, repositoryId)}`,
  layout: () => filesLayout.id,
  access,
  layouts: { [filesLayout.id]: filesLayout },
  publish,
  sharing: { placeKeys: ['relative_url', 'serve_http', 'serve_https', 'ssl_auth_ca_cert'] },
  consumerPayload,
  describe,
}

function parseConfig(raw: JsonObject): IsoDistributorConfig {
  const reader = new ConfigReader(raw)
  const relativeUrl = reader.text('relative_url')
  const fault = relativeUrlFault(relativeUrl ?? '')
  if (fault !== undefined) reader.refuse('relative_url', fault)
  reader.certificate('ssl_auth_ca_cert')
  const config = { relativeUrl, ...readProtocols(reader) }
  reader.finish()
  return config
}

function readProtocols(reader: ConfigReader): Pick<IsoDistributorConfig, 'serveHttp' | 'serveHttps'> {
  return { serveHttp: reader.flag('serve_http', false), serveHttps: reader.flag('serve_https', true) }
}

/** `ssl_auth_ca_cert` alone protects (pulp2-types §7). */
function access(sealed: JsonObject): PublicationAccess {
  const reader = new ConfigReader(sealed)
  const { serveHttp: http, serveHttps: https } = readProtocols(reader)
  const isProtected = reader.isFilled('ssl_auth_ca_cert')
  return { http, https, clientAuthority: isProtected ? (reader.text('ssl_auth_ca_cert') ?? '') : null }
}

function urlOf(config: IsoDistributorConfig, repositoryId: string): string {
  return effectiveRelativeUrl(config.relativeUrl, repositoryId)
}

/** As of a yum distributor (pulp2-types §5.9), as far as files have it. */
function consumerPayload(config: IsoDistributorConfig, { repository, addresses }: PayloadContext): JsonObject {
  const { name, protocols } = consumerAddress(addresses, { http: config.serveHttp, https: config.serveHttps })
  return {
    repo_name: repository.displayName ?? repository.id,
    server_name: name,
    ca_cert: addresses.caCertificate,
    relative_path: `/pulp/isos/${urlOf(config, repository.id)}`,
    protocols,
  }
}

async function* publish(run: PublishRun<IsoDistributorConfig>): AsyncGenerator<GeneratedFile> {
  run.step('publish', 'not-started')
  run.step('publish', 'in-progress')
  yield { path: manifestName, mediaType: 'text/csv', body: isoManifest(run) }
  run.step('publish', 'finished')
}

/** The lines of a version, in order of name. */
export async function* isoManifest(run: Pick<PublishRun<unknown>, 'units'>): AsyncGenerator<Uint8Array> {
  for await (const { unit } of run.units({ types: [isoType.id], order: ['name', 'checksum'] })) {
    const { name, checksum, size } = unit.metadata
    yield Buffer.from(printManifestLine({ name: String(name), checksum: String(checksum), size: Number(size) }))
  }
}

const states = { running: 'in_progress', finished: 'complete', failed: 'failed', cancelled: 'cancelled' } as const

function describe(progress: PublishProgress): PublishDescription {
  const entered = progress.steps[0]?.entered ?? {}
  const state =
    entered['in-progress'] === undefined && progress.state === 'running' ? 'not_started' : states[progress.state]
  const ended = entered.finished ?? entered.failed ?? entered.cancelled
  const times = {
    not_started: entered['not-started'],
    in_progress: entered['in-progress'],
    ...(progress.state !== 'running' && { [state]: ended }),
  }
  const known = Object.entries(times).flatMap(([name, time]) => (time === undefined ? [] : [[name, withoutZone(time)]]))
  const report = {
    state,
    state_times: Object.fromEntries(known),
    error_message: progress.error ?? null,
    traceback: null,
  }
  return { report, summary: report, details: null }
}
