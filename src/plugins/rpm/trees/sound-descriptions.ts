import { DeckleError } from '../../../core/errors.ts'
import type { SyncRun } from '../../../core/importer.ts'
import type { FetchedDocument } from '../../../core/upstream.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { readRepomd, repomdPath } from '../yum-metadata.ts'
import { parseFurtherFiles } from './further-files.ts'
import { parseTreeInfo } from './tree-info.ts'
import { furtherFilesName, treeInfoNames } from './tree-path.ts'

type Fetch = SyncRun<unknown>['fetch']

/**
 * A fetch of files of a tree that fails where one that describes it cannot be read. No checksum vouches for those, so whoever asks
 * several mirrors knows by this which of them is of use. Throws what `notValid` makes of a PULP_DISTRIBUTION.xml, and RPM1006 for a
 * repomd.xml.
 */
export function soundDescriptions(fetch: Fetch, notValid: (cause: FormatError) => DeckleError): Fetch {
  const check = async (url: string, document: FetchedDocument): Promise<void> => {
    const name = url.slice(url.lastIndexOf('/') + 1)
    if (url.endsWith(`/${repomdPath}`)) await readRepomd(document)
    else if (treeInfoNames.some((known) => known === name)) await readable(document, parseTreeInfo, malformed)
    else if (name === furtherFilesName) await readable(document, parseFurtherFiles, notValid)
  }
  return async (request) => {
    const document = await fetch(request)
    await check(request.url, document)
    return document
  }
}

async function readable(
  document: FetchedDocument,
  parse: (bytes: Buffer) => unknown,
  toError: (cause: FormatError) => DeckleError,
): Promise<void> {
  const bytes = Buffer.concat(await document.read().toArray())
  try {
    parse(bytes)
  } catch (error) {
    throw error instanceof FormatError ? toError(error) : error
  }
}

function malformed(cause: FormatError): DeckleError {
  return new DeckleError('upstream', cause.message, { code: 'malformed' }, { cause })
}
