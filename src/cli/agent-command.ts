import type { Command } from 'commander'
import type { Surroundings } from './surroundings.ts'

/** The agent reads its options itself: on hosts it runs without this program (src/agent/main.ts). */
export function addAgentCommand(program: Command, { exit }: Surroundings): void {
  program
    .command('agent')
    .description('pull images into the container engine of this host when a server says so')
    .argument('[options...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (options: string[]) => {
      // Only this command pays for loading it.
      const { runAgentProcess } = await import('../agent/agent-process.ts')
      const { ca } = program.opts<{ ca?: string }>()
      // What stands before the command's own options has been read by the program.
      const code = await runAgentProcess(ca === undefined ? options : [...options, '--ca', ca])
      if (code !== 0) exit(code)
    })
}
