/**
 * Arrays as PostgreSQL reads them. The driver writes an array element by element and turns hexadecimal texts that went through a
 * Buffer into such again; for the thousands of hashes of a sync that is most of what a statement costs.
 */

const jsonbVersion = Buffer.of(1)
const [open, comma, close] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')]

/**
 * A jsonb of values that are JSON in UTF-8 already, as PostgreSQL takes it in binary: without a text of all of them, which V8 would have
 * to join and to encode.
 */
export function jsonbArray(values: readonly Uint8Array[]): Buffer {
  return Buffer.concat([jsonbVersion, ...values.flatMap((value, index) => [index === 0 ? open : comma, value]), close])
}

/** Of what needs no quotes: numbers, UUIDs. */
export function plainArray(values: readonly (number | string | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join()}}`
}

/** A bytea[] of bytes that are given in hexadecimal. */
export function bytesArray(hexadecimal: readonly string[]): string {
  return hexadecimal.length === 0 ? '{}' : `{"\\\\x${hexadecimal.join('","\\\\x')}"}`
}
