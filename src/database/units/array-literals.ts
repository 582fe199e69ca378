/**
 * Arrays as PostgreSQL reads them. The driver writes an array element by element and turns hexadecimal texts that went through a
 * Buffer into such again; for the thousands of hashes of a sync that is most of what a statement costs.
 */

/** Of what needs no quotes: numbers, UUIDs. */
export function plainArray(values: readonly (number | string | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join()}}`
}

/** A bytea[] of bytes that are given in hexadecimal. */
export function bytesArray(hexadecimal: readonly string[]): string {
  return hexadecimal.length === 0 ? '{}' : `{"\\\\x${hexadecimal.join('","\\\\x')}"}`
}
