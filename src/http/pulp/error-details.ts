import type { ErrorKind, ErrorReport } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { maskUrlPasswords } from '../../core/secrets.ts'
import type { PulpErrorDetails } from '../../wire/pulp/error.ts'
import { codedErrors, type ErrorCase, isPulpCode } from './error-codes.ts'

/** An error in Pulp's words: its details, and the member that its class adds to an error body (pulp2-api §2.2). */
interface PrintedError {
  readonly status: number
  readonly details: PulpErrorDetails
  readonly extra: JsonObject
}

/** Prints any error, of a call or of a task. */
export function printErrorReport(report: ErrorReport): PrintedError {
  const printed = chooseCase(report)
  const details = {
    code: printed.code,
    description: maskUrlPasswords(report.message),
    data: printed.data ?? {},
    sub_errors: [...(printed.subErrors ?? [])],
  }
  return { status: printed.status ?? statuses[report.kind], details, extra: printed.extra ?? { args: [] } }
}

/** Denied is 401 in Pulp, not 403 (pulp2-api §1.6). */
const statuses: Readonly<Record<ErrorKind, number>> = {
  'not-found': 404,
  conflict: 409,
  invalid: 400,
  unauthenticated: 401,
  forbidden: 401,
  upstream: 500,
  cancelled: 503,
  internal: 500,
}

const cases: Readonly<Record<ErrorKind, (report: ErrorReport) => ErrorCase>> = {
  'not-found': printMissing,
  conflict: printConflict,
  invalid: printInvalid,
  unauthenticated: () => ({ code: 'PLP0025', extra: { auth_error_code: 'authentication_failed' } }),
  forbidden: (report) => ({
    code: 'PLP0026',
    data: report.details.data ?? {},
    extra: { auth_error_code: 'permission_denied' },
  }),
  upstream: printGeneral,
  cancelled: printGeneral,
  internal: printGeneral,
}

function chooseCase(report: ErrorReport): ErrorCase {
  const code = report.details.code
  if (code === undefined) return cases[report.kind](report)
  const coded = codedErrors[code]
  if (coded !== undefined) return coded(report)
  if (isPulpCode(code)) return { code, data: report.details.data ?? {} }
  return cases[report.kind](report)
}

/** Our noun, where Pulp's name for the same look-up is another one (pulp2-api §2.4). */
const resourceNames: Readonly<Record<string, string>> = { task: 'resource_id', role: 'resource_id' }

function printMissing(report: ErrorReport): ErrorCase {
  const resources = Object.fromEntries(
    Object.entries(report.details.resources ?? {}).map(([noun, id]) => [resourceNames[noun] ?? noun, id]),
  )
  return { code: 'PLP0009', data: { resources }, extra: { resources } }
}

function printConflict(report: ErrorReport): ErrorCase {
  const [id] = Object.values(report.details.resources ?? {})
  if (id !== undefined) return { code: 'PLP0018', data: { resource_id: id }, extra: { resource_id: id } }
  const reasons = [report.message]
  return { code: 'PLP0010', data: { reasons }, extra: { reasons } }
}

const faults = {
  invalid: { code: 'PLP0015', member: 'property_names' },
  missing: { code: 'PLP0016', member: 'missing_property_names' },
  unsupported: { code: 'PLP0017', member: 'unsupported_property_names' },
} as const

function printInvalid(report: ErrorReport): ErrorCase {
  const names = report.details.fields ?? []
  if (names.length === 0) return printGeneral(report)
  const fault = faults[report.details.fault ?? 'invalid']
  const data = { property_names: names, properties: names.join(', ') }
  return { code: fault.code, data, extra: { [fault.member]: names } }
}

function printGeneral(report: ErrorReport): ErrorCase {
  return { code: 'PLP0000', extra: { args: [maskUrlPasswords(report.message)] } }
}
