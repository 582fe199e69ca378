import type { Downloader, Upstream, UpstreamSettings } from '../../core/upstream.ts'

interface Connection {
  readonly upstream: Upstream
  users: number
  closing: NodeJS.Timeout | undefined
}

export interface IdleConnectionOptions {
  /** Called with the first fetch: until then the upstream client need not be in memory. */
  readonly openDownloader: () => Promise<Downloader>
  /** A connection that nobody uses is kept for so long, in milliseconds. */
  readonly idleMs: number
}

/** Connections to upstreams by a name of theirs, closed when they have been idle for a while. */
export class IdleConnections {
  readonly #options: IdleConnectionOptions
  readonly #open = new Map<string, Connection>()
  #downloader: Promise<Downloader> | undefined

  constructor(options: IdleConnectionOptions) {
    this.#options = options
  }

  /** Runs `work` with the upstream of this name; `settings` are asked for when there is no connection. */
  async use<T>(name: string, settings: () => UpstreamSettings, work: (upstream: Upstream) => Promise<T>): Promise<T> {
    this.#downloader ??= this.#options.openDownloader()
    const downloader = await this.#downloader
    const connection = this.#open.get(name) ?? {
      upstream: downloader.connect(settings()),
      users: 0,
      closing: undefined,
    }
    this.#open.set(name, connection)
    clearTimeout(connection.closing)
    connection.users += 1
    try {
      return await work(connection.upstream)
    } finally {
      connection.users -= 1
      if (connection.users === 0) this.#closeLater(name, connection)
    }
  }

  /** Cuts everything. */
  async close(): Promise<void> {
    const connections = [...this.#open.values()]
    this.#open.clear()
    for (const connection of connections) clearTimeout(connection.closing)
    await Promise.all(connections.map(({ upstream }) => upstream.close()))
  }

  #closeLater(name: string, connection: Connection): void {
    connection.closing = setTimeout(() => {
      if (this.#open.get(name) === connection) this.#open.delete(name)
      connection.upstream.close().catch(() => undefined)
    }, this.#options.idleMs).unref()
  }
}
