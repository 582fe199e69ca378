import { DeckleError, toErrorReport } from '../../core/errors.ts'
import { maskUrlPasswords } from '../../core/secrets.ts'
import type { Answer } from '../kit/route.ts'
import { printErrorReport } from './error-details.ts'

/**
 * The body of a failed call (pulp2-api §2.1). `error` is left out for what nobody expected; `exception` and `traceback` are
 * there on 500 only, without messages that could quote a secret.
 */
export function toErrorAnswer(error: unknown, request: { readonly method: string; readonly target: string }): Answer {
  const report = toErrorReport(error)
  const { status, details, extra } = printErrorReport(report)
  const expected = error instanceof DeckleError
  const failed = status === 500
  return {
    status,
    json: {
      _href: request.target,
      http_request_method: request.method,
      http_status: status,
      error_message: details.description,
      exception: failed
        ? [maskUrlPasswords(`${error instanceof Error ? error.name : 'Error'}: ${report.message}`)]
        : null,
      traceback: failed ? stackFrames(error) : null,
      ...(expected && { ...extra, error: details }),
    },
  }
}

function stackFrames(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return stack.split('\n').filter((line) => line.startsWith('    at '))
}
