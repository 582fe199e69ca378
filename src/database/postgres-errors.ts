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

/** Classes and codes of PostgreSQL: no connection, shutting down, starting up, too many clients; then those of the system. */
const away = /^(08...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOENT)$/
/** What the driver says of a connection that it has lost or could not get; it gives no code. */
const lost =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/

/** True of the failure of a statement whose database was away; another one may work in a moment. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = sqlState(error)
  // Files of ours are missing with the same code; only a socket is connected to.
  if (code === 'ENOENT') return 'syscall' in error && error.syscall === 'connect'
  return code === undefined ? lost.test(error.message) : away.test(code)
}

export const uniqueViolation = '23505'
export const foreignKeyViolation = '23503'
export const deadlockDetected = '40P01'
export const lockNotAvailable = '55P03'
