import { isJsonObject } from '../../core/json.ts'

/** One line of the stream that answers `POST /images/create`, as Docker and Podman write it (real-clients §2). */
export interface PullEvent {
  readonly status: string | undefined
  /** 12 hex digits for layers; the tag in the first line. */
  readonly id: string | undefined
  /** Bytes. */
  readonly current: number | undefined
  readonly total: number | undefined
  /** The pull has failed; HTTP said 200 before. */
  readonly error: string | undefined
}

export function readPullEvent(value: unknown): PullEvent {
  const { status, id, error, errorDetail, progressDetail } = fieldsOf(value)
  const { current, total, units } = fieldsOf(progressDetail)
  // Docker's containerd store counts seconds, and says so, while it unpacks.
  const amount = units === undefined ? { current: bytes(current), total: bytes(total) } : nothing
  return {
    status: text(status),
    id: text(id),
    ...amount,
    error: text(error) ?? text(fieldsOf(errorDetail)['message']),
  }
}

const nothing = { current: undefined, total: undefined }

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isJsonObject(value) ? value : {}
}

function bytes(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
