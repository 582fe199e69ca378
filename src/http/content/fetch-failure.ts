import { DeckleError } from '../../core/errors.ts'

export interface FailureAnswer {
  readonly status: 502 | 503 | 504
  /** For the client: names no address, since that may hold a secret. */
  readonly reason: string
}

const reasons: Readonly<Record<string, string>> = {
  unreachable: 'upstream cannot be reached',
  tls: 'there is no trusted connection to upstream',
  too_many_redirects: 'upstream redirects too often',
  address_refused: 'upstream leads to an address that is not allowed',
  checksum_mismatch: 'upstream gave other bytes than its metadata promises',
  size_mismatch: 'upstream gave other bytes than its metadata promises',
  no_source: 'no upstream is known for it',
  no_importer: 'the plugin that can fetch it is not installed',
}

/** What a client is told when all sources of a file failed (502, 504), or when we did (503). */
export function failureAnswer(error: unknown): FailureAnswer {
  if (!(error instanceof DeckleError)) return { status: 503, reason: ours('') }
  const { kind, details } = error
  if (details.code === 'disk_full') return { status: 503, reason: ours(': no space is left to store it') }
  if (kind !== 'upstream' && kind !== 'invalid') return { status: 503, reason: ours('') }
  if (details.code === 'stalled') return { status: 504, reason: upstreams('upstream stopped answering') }
  if (details.code === 'http_status') {
    return { status: 502, reason: upstreams(`upstream answered ${Number(details.data?.['status'])}`) }
  }
  return { status: 502, reason: upstreams(reasons[details.code ?? ''] ?? 'the transfer from upstream broke') }
}

function ours(why: string): string {
  return `The file cannot be fetched at the moment${why}`
}

function upstreams(why: string): string {
  return `The file is not stored and could not be fetched: ${why}`
}
