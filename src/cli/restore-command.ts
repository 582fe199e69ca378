import type { Command } from 'commander'
import { BackupDisplay } from './backup-display.ts'
import { untilInterrupted } from './interruption.ts'
import { addJson } from './options.ts'
import type { Surroundings } from './surroundings.ts'

interface Options {
  readonly allowDamaged?: boolean
  readonly json?: boolean
}

export function addRestoreCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('restore <file>')
    .description('bring a backup (- for standard input) into the empty database and blob folder of the settings')
    .option('--allow-damaged', 'restore the rest when stored files are missing or damaged')
  addJson(command).action((file: string, options: Options) => run(surroundings, file, options))
}

async function run(surroundings: Surroundings, file: string, options: Options): Promise<void> {
  const { terminal, environment } = surroundings
  const display = new BackupDisplay(terminal)
  // Only this command pays for loading the server's parts.
  const { restoreBackup } = await import('../server/backup-restore.ts')
  const { manifest, ...report } = await untilInterrupted(surroundings, (signal) =>
    restoreBackup({ environment, file, signal, allowDamaged: options.allowDamaged ?? false, progress: display }),
  )
  display.clear()
  const { program, created } = manifest
  if (options.json) terminal.print(JSON.stringify({ program, created, ...report }, null, 2))
  const damaged = report.damaged === 0 ? '' : `; ${report.damaged} stored files are missing and will be fetched again`
  terminal.note(
    `restored what Deckle ${program} had at ${created}: ${report.rows} rows, ${report.blobs} stored files${damaged}`,
  )
}
