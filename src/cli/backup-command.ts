import type { Command } from 'commander'
import { BackupDisplay } from './backup-display.ts'
import { CliError } from './cli-error.ts'
import { untilInterrupted } from './interruption.ts'
import { addJson } from './options.ts'
import type { Surroundings } from './surroundings.ts'

interface Options {
  readonly withoutBlobs?: boolean
  readonly allowDamaged?: boolean
  readonly json?: boolean
}

/** Reads the server's settings and its database, not its API: it works beside a running server and without one. */
export function addBackupCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('backup <file>')
    .description('write everything that a server keeps into one file (- for standard output), also while it runs')
    .option('--without-blobs', 'only the database; the stored files are kept by other means')
    .option('--allow-damaged', 'succeed although stored files are missing or damaged')
  addJson(command).action((file: string, options: Options) => run(surroundings, file, options))
}

async function run(surroundings: Surroundings, file: string, options: Options): Promise<void> {
  const { terminal, environment } = surroundings
  const display = new BackupDisplay(terminal)
  // Only this command pays for loading the server's parts.
  const { makeBackup } = await import('../server/backup.ts')
  const end = await untilInterrupted(surroundings, (signal) =>
    makeBackup({ environment, file, withBlobs: options.withoutBlobs !== true, signal, progress: display }),
  )
  display.clear()
  const summary = `${end.tables} tables with ${end.rows} rows, ${end.blobs} stored files`
  if (options.json && file !== '-') terminal.print(JSON.stringify({ file, ...end }, null, 2))
  else terminal.note(`${file === '-' ? 'backup' : file}: ${summary}`)
  if (end.damaged === 0 || options.allowDamaged === true) return
  throw new CliError(`the backup lacks the right bytes of ${end.damaged} stored files; everything else is in it`)
}
