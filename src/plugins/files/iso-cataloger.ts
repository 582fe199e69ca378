import type { Cataloger } from '../../core/cataloger.ts'
import { readManifest } from './iso-importer.ts'
import { toIsoUnit } from './iso-type.ts'

/** Files of a folder by their checksums, as its manifest lists them. */
export const isoCataloger: Cataloger = {
  id: 'iso',
  async *catalog({ baseUrl, fetch }) {
    const { entries } = await readManifest({ fetch, part: () => undefined }, baseUrl)
    yield entries.flatMap((entry) => {
      const { files } = toIsoUnit(entry, baseUrl)
      return files.flatMap(({ digests, urls, size }) =>
        digests.flatMap((digest) => urls.map((url) => ({ digest, url, ...(size !== undefined && { size }) }))),
      )
    })
  },
}
