import { DeckleError, invalid } from '../../../core/errors.ts'

/** What was uploaded cannot be read as a package (pulp2-types §5.7). */
export function notAnRpm(reason: string, cause?: unknown): DeckleError {
  const details = { code: 'RPM1016', data: { reason } }
  return new DeckleError('invalid', `what was uploaded is no RPM package: ${reason}`, details, { cause })
}

/** A package was uploaded as the other type. */
export function wrongPackageType(type: 'rpm' | 'srpm'): DeckleError {
  const [code, message] =
    type === 'rpm'
      ? ['RPM1002', 'a source package cannot be uploaded as rpm; upload it as srpm']
      : ['RPM1003', 'a binary package cannot be uploaded as srpm; upload it as rpm']
  return new DeckleError('invalid', message, { code, fields: ['unit_type_id'] })
}

/** The file is not what the client said of it (pulp2-api §2.3). */
export function checksumMismatch(algorithm: string, expected: string, actual: string): DeckleError {
  const message = `the ${algorithm} of what was uploaded is ${actual}, not ${expected}; upload the file once more`
  return new DeckleError('invalid', message, {
    code: 'PLP1013',
    data: { checksum_type: algorithm, expected_checksum: expected, actual_checksum: actual },
  })
}

/** The same for its size, bytes. */
export function sizeMismatch(expected: number, actual: number): DeckleError {
  return invalid(`${actual} bytes were uploaded, not ${expected}; upload the file once more`, ['size'])
}
