import { ServerError, TaskFailedError, UnreachableError } from '../clients/server-error.ts'
import { CliError } from './cli-error.ts'

export interface Explanation {
  /** One line, without "error:" before it. */
  readonly line: string
  readonly exitCode: number
}

/** What a person is told of an error. `identity` says which credentials were sent, where that is known. */
export function explain(error: unknown, identity?: string): Explanation {
  if (error instanceof CliError) return { line: oneLine(error.message), exitCode: error.exitCode }
  if (error instanceof UnreachableError) return { line: noServer(error), exitCode: 1 }
  if (error instanceof ServerError) return { line: refused(error, identity), exitCode: 1 }
  if (error instanceof TaskFailedError) return { line: taskFailed(error), exitCode: 1 }
  return { line: oneLine(error instanceof Error ? error.message : String(error)), exitCode: 1 }
}

function noServer(error: UnreachableError): string {
  const remedy = 'start one with `npm start` (or `deckle serve`), or set DECKLE_URL'
  return `no Deckle server answers at ${error.url} (${oneLine(error.message)}); ${remedy}`
}

function refused(error: ServerError, identity: string | undefined): string {
  const line = oneLine(error.message)
  if (error.status !== 401 || identity === undefined) return line
  return `${line}; asked with ${identity}: set DECKLE_TOKEN, or put user and password into DECKLE_URL`
}

function taskFailed(error: TaskFailedError): string {
  return `${oneLine(error.message)} (task ${error.taskId})`
}

/** Servers report several faults a line each; here they share one. */
function oneLine(message: string): string {
  return message
    .trim()
    .replace(/:\s*\n\s*/g, ': ')
    .replace(/\s*\n\s*/g, '; ')
}
