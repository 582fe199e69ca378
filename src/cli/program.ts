import { Command } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { addAgentCommand } from './agent-command.ts'
import { addBackupCommand } from './backup-command.ts'
import { addDoctorCommand } from './doctor-command.ts'
import { addHostCommands } from './host-commands.ts'
import { addImageCommands } from './image-commands.ts'
import { addMirrorCommand } from './mirror-command.ts'
import type { Connect } from './options.ts'
import { addOrphanCommands } from './orphan-commands.ts'
import { addPullCommand } from './pull-command.ts'
import { addRepoCommands } from './repo-commands.ts'
import { addRestoreCommand } from './restore-command.ts'
import { addServeCommand } from './serve-command.ts'
import { addStatusCommand } from './status-command.ts'
import type { Surroundings } from './surroundings.ts'
import { addTaskCommands } from './task-commands.ts'
import { trustAuthorities } from './trust-authorities.ts'

const notes = `
serve, doctor, backup and restore read the server's settings; agent has options of its own. All others talk to a running
server: DECKLE_URL (default http://127.0.0.1:8080), as whoever DECKLE_TOKEN or the user and password in DECKLE_URL stand
for, else with the token in the server's data folder.

  deckle mirror https://example.com/fedora/updates/ --id updates
  deckle mirror ./packages --type files
  deckle repo list
`

/** Commands that talk to others than a Deckle server, or trust in their own way. */
const hasOwnTrust = new Set(['serve', 'agent'])

/** The command line as a whole. It never ends the process: usage errors and `--help` are thrown. */
export function createProgram(surroundings: Surroundings, connect: Connect): Command {
  const { terminal } = surroundings
  const program = new Command('deckle')
    .description('Mirrors software content, keeps every version, publishes it atomically.')
    .version(packageJson.version)
    .option('--ca <file>', 'authorities to trust beside the usual ones, in PEM (or DECKLE_CA)')
    .hook('preAction', (own, command) => {
      if (!hasOwnTrust.has(command.name())) trustAuthorities(surroundings, own.opts<{ ca?: string }>().ca)
    })
    .addHelpText('after', notes)
    .exitOverride()
    .showHelpAfterError()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
    })
  addServeCommand(program)
  addMirrorCommand(program, connect)
  addRepoCommands(program, connect)
  addTaskCommands(program, connect)
  addOrphanCommands(program, connect)
  addHostCommands(program, connect)
  addPullCommand(program, connect)
  addImageCommands(program, connect)
  addStatusCommand(program, connect)
  addDoctorCommand(program, surroundings)
  addBackupCommand(program, surroundings)
  addRestoreCommand(program, surroundings)
  addAgentCommand(program, surroundings)
  return program
}
