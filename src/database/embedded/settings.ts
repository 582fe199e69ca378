/** Settings of the server, given on its command line so that a newer Deckle changes them without an edit of files. */
export interface ServerSettings {
  readonly sockets: string
  /** Off loses data when the machine stops; for tests only. */
  readonly durable: boolean
  readonly maxConnections: number
}

/** No TCP at all, little memory and little write-ahead log (the defaults take 450 MB of disk; engine.md §3). */
export function serverArguments(data: string, settings: ServerSettings): string[] {
  const values: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: settings.sockets,
    unix_socket_permissions: '0700',
    max_connections: String(settings.maxConnections),
    shared_buffers: '64MB',
    max_wal_size: '256MB',
    min_wal_size: '32MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] ',
    ...(settings.durable ? {} : notDurable),
  }
  return ['-D', data, ...Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

const notDurable = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** Keys sort by their bytes wherever the server runs; C.UTF-8 comes with every glibc. */
export const initdbArguments = ['-E', 'UTF8', '--locale=C.UTF-8', '-A', 'scram-sha-256', '-U', 'deckle']
