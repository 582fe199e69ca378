import { after } from 'node:test'
import { FileBlobStore } from '../blobs/file-blob-store.ts'
import type { BlobCatalog } from '../core/blob-catalog.ts'
import type { DeferredFileStore, FileSource } from '../core/deferred-file.ts'
import { type Digest, sha256Hex } from '../core/digest.ts'
import { type Log, silentLog } from '../core/log.ts'
import { Plugins } from '../core/plugin.ts'
import type { SpaceGauge } from '../core/space.ts'
import { type DownloaderOptions, UndiciDownloader } from '../download/undici-downloader.ts'
import { createContentHandler } from '../http/content/content-handler.ts'
import { FileFetcher, type FileFetcherLimits } from '../operations/fetch/file-fetcher.ts'
import { ContentResolver } from '../operations/resolve-content.ts'
import { contentPlugins } from './content-plugins.ts'
import { type ContentServer, contentServer } from './content-server.ts'
import { JumpingClock } from './downloads.ts'
import { MemoryDeferredFiles } from './memory-deferred-files.ts'
import { MemoryPublishedContent } from './memory-published-content.ts'
import { stubPlugin } from './stub-plugin.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What a server process has to serve files on demand. */
export interface OnDemandNode {
  readonly fetcher: FileFetcher
  readonly blobs: FileBlobStore
  readonly server: ContentServer
}

export interface NodeOptions {
  readonly limits?: Partial<FileFetcherLimits>
  readonly downloads?: DownloaderOptions
  /** In place of the bench's files, for a process that is cut off from them. */
  readonly files?: DeferredFileStore
  readonly blobCatalog?: BlobCatalog
  readonly blobs?: (store: FileBlobStore) => FileBlobStore
  readonly log?: Log
  readonly space?: SpaceGauge
  readonly stallMs?: number
}

/** What upstream has told of a file. */
export interface Told {
  readonly size?: number
  readonly digests?: readonly Digest[]
}

const lastModified = new Date('2026-03-04T05:06:07.890Z')

/** Files that are published and not stored, and any number of "processes" that share them, the database and the blob folder. */
export class OnDemandBench {
  readonly files = new MemoryDeferredFiles()
  readonly folder: string
  readonly content = new MemoryPublishedContent()
  #count = 0

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(): Promise<OnDemandBench> {
    return new OnDemandBench(await temporaryFolder())
  }

  /** Publishes a file that these URLs have, the best first; all is known of it unless `told` says less. Returns where. */
  publish(name: string, bytes: Uint8Array, urls: readonly string[], told: Told = allOf(bytes)): Published {
    const key = ++this.#count
    this.files.add({ key, expected: told, sources: urls.map(sourceOf) })
    const sha256 = told.digests?.find(({ algorithm }) => algorithm === 'sha256')?.value ?? null
    const file = { fileKey: key, size: told.size ?? null, sha256, lastModified }
    this.content.publish(`/pulp/repos/${key}`, {}, { [name]: file })
    this.content.announce(undefined)
    return { key, path: `/pulp/repos/${key}/${name}`, sha256: sha256Hex(bytes) }
  }

  /** One more process; it ends with the test or suite. */
  async node(options: NodeOptions = {}): Promise<OnDemandNode> {
    const opened = await FileBlobStore.open(this.folder)
    const blobs = options.blobs?.(opened) ?? opened
    const { log = silentLog, stallMs = 60_000 } = options
    const fetcher = new FileFetcher(
      {
        plugins: new Plugins([stubPlugin]),
        deferredFiles: options.files ?? this.files,
        blobCatalog: options.blobCatalog ?? { async reserve() {} },
        blobs,
        space: options.space ?? { shortage: async () => undefined },
        openDownloader: async () =>
          new UndiciDownloader({ clock: new JumpingClock(), retry: { attempts: 1 }, ...options.downloads }),
        log,
      },
      { pollMs: 30, tickMs: 5, renewMs: 50, closeMs: 200, ...options.limits },
    )
    const resolver = await ContentResolver.open({ content: this.content, plugins: contentPlugins, log })
    const server = await contentServer(createContentHandler({ resolver, blobs, log, fetcher, stallMs }))
    after(async () => {
      server.close()
      await fetcher.close()
      resolver.close()
    })
    return { fetcher, blobs, server }
  }
}

export interface Published {
  /** For `FileFetcher`. */
  readonly key: number
  /** Where it is served. */
  readonly path: string
  readonly sha256: string
}

export function allOf(bytes: Uint8Array): Told {
  return { size: bytes.length, digests: [{ algorithm: 'sha256', value: sha256Hex(bytes) }] }
}

function sourceOf(url: string): FileSource {
  return { url, importerKey: 1, importerType: 'stub_importer', config: {} }
}
