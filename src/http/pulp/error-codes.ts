import type { ErrorReport } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { maskUrlPasswords } from '../../core/secrets.ts'
import type { PulpErrorDetails } from '../../wire/pulp/error.ts'

/** What a case says of itself; the description and everything left out are filled in. */
export interface ErrorCase {
  readonly code: string
  readonly data?: JsonObject
  readonly extra?: JsonObject
  readonly status?: number
  readonly subErrors?: readonly PulpErrorDetails[]
}

/** True for a code of Pulp or one of its plugins, `RPM1004`: it is printed as it is. */
export function isPulpCode(code: string): boolean {
  return /^[A-Z]{3}\d{4}$/.test(code)
}

/** Single cases that Pulp has a code of its own for, by the code that our error carries (pulp2-api §2.3, §2.4). */
export const codedErrors: Readonly<Record<string, (report: ErrorReport) => ErrorCase>> = {
  'body-not-utf8': () => ({ code: 'PLP0019', data: { value: '' }, extra: { value: '' } }),
  'body-not-json': () => ({ code: 'PLP1009' }),
  'body-not-object': () => ({ code: 'PLP1015', data: { data_type: 'dict' } }),
  'body-not-array': () => ({ code: 'PLP1015', data: { data_type: 'list' } }),
  'body-too-large': (report) => ({ code: 'PLP0000', status: 413, extra: { args: [report.message] } }),
  database_away: (report) => ({ code: 'PLP0000', status: 503, extra: { args: [report.message] } }),
  disk_full: (report) => ({ code: 'PLP0000', status: 503, extra: { args: [report.message] } }),
  'no-task-state': () => ({ code: 'PLP1012', status: 403 }),
  'task-state': (report) => ({ code: 'PLP1011', data: report.details.data ?? {} }),
  'wrong-type': (report) => ({ code: 'PLP1010', data: report.details.data ?? {} }),
  validation: (report) => ({ code: 'PLP1000', subErrors: subErrorsOf(report.details.data?.['sub_errors'] ?? null) }),
  'unknown-importer-type': (report) => ({ code: 'PLP1008', data: report.details.data ?? {} }),
  'importer-config': (report) => ({ code: 'PLP1000', data: { validation_errors: maskUrlPasswords(report.message) } }),
  'distributor-config': (report) => ({ code: 'PLP0000', extra: { args: [maskUrlPasswords(report.message)] } }),
  invalid_username_or_password: (report) => ({
    code: 'PLP0030',
    data: report.details.data ?? {},
    extra: { auth_error_code: 'invalid_username_or_password' },
  }),
  invalid_ssl_certificate: () => ({ code: 'PLP0027', extra: { auth_error_code: 'invalid_ssl_certificate' } }),
  'bad-criteria': (report) => {
    const description = report.message
    const names = ['criteria']
    return {
      code: 'PLP0015',
      data: { property_names: names, properties: 'criteria' },
      extra: { property_names: names },
      subErrors: [{ code: 'PLP0000', description, data: {}, sub_errors: [] }],
    }
  },
}

/** What is wrong with several values, each with a code of Pulp's and its data. */
function subErrorsOf(faults: Json): readonly PulpErrorDetails[] {
  if (!Array.isArray(faults)) return []
  return faults.filter(isJsonObject).map(({ code = '', description = '', data = null }) => ({
    code: String(code),
    description: String(description),
    data: isJsonObject(data) ? data : {},
    sub_errors: [],
  }))
}
