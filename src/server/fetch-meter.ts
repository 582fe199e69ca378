import type { Downloader } from '../core/upstream.ts'

/** Counts the bytes that come from upstreams: of files and metadata, failed transfers too. */
export class FetchMeter {
  bytes = 0

  /** The same downloader, counted. */
  count(downloader: Downloader): Downloader {
    return {
      connect: (settings) => {
        const upstream = downloader.connect(settings)
        return {
          download: (url, consume, signal) =>
            upstream.download(url, (body, response) => consume(this.#counted(body), response), signal),
          close: () => upstream.close(),
        }
      },
    }
  }

  async *#counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      this.bytes += chunk.length
      yield chunk
    }
  }
}
