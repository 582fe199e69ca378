import type { Cataloger } from '../../core/cataloger.ts'
import type { CatalogEntry } from '../../core/content-source.ts'
import { readAnyPackage } from './metadata/read-any-package.ts'
import { openFeed } from './open-feed.ts'
import { packageUrl } from './package-location.ts'
import { digestOf, hasSoundValue } from './package-unit.ts'
import { fetchMetadata, type YumMetadata } from './yum-metadata.ts'

/** Packages of a yum repository by their checksums, as its primary lists them. */
export const yumCataloger: Cataloger = {
  id: 'yum',
  async *catalog({ baseUrl, fetch, signal }) {
    const feed = await openFeed(fetch, baseUrl)
    const { metadata } = await fetchMetadata(feed.fetch, feed.repository, feed.repomd, (type) => type === 'primary')
    for await (const entries of entriesOf(metadata, feed.repository)) {
      signal.throwIfAborted()
      yield entries
    }
  },
}

async function* entriesOf({ primary }: YumMetadata, repository: URL): AsyncGenerator<readonly CatalogEntry[]> {
  for await (const snippets of primary.packages()) {
    yield snippets.flatMap((snippet) => {
      const found = readAnyPackage(snippet, primary.root)?.found
      const digest = found && digestOf(found)
      const url = found && packageUrl(found.href, found.base, repository)
      if (digest === undefined || url === undefined || !hasSoundValue(digest)) return []
      return [{ digest, url, ...(found?.size !== undefined && { size: found.size }) }]
    })
  }
}
