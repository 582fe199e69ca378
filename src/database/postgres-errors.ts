/** SQLSTATE of a failed statement, for example `23505` for a key that exists. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

export const uniqueViolation = '23505'
export const deadlockDetected = '40P01'
export const lockNotAvailable = '55P03'
