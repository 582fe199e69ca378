/** SQLSTATE of a failed statement, for example `23505` for a key that exists. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** What PostgreSQL says of its own full disk (53100); undefined for other errors. */
export function databaseSpaceFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || sqlState(error) !== '53100') return undefined
  return `no space is left for the database: ${error.message}`
}

export const uniqueViolation = '23505'
export const deadlockDetected = '40P01'
export const lockNotAvailable = '55P03'
