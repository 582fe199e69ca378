import type { Command } from 'commander'
import type { Finding } from '../doctor/finding.ts'
import { CliError } from './cli-error.ts'
import { addJson } from './options.ts'
import type { Surroundings } from './surroundings.ts'

interface DoctorOptions {
  readonly json?: boolean
  readonly verify?: boolean
}

/** Unlike other commands it talks to no API: it works where the server does not. */
export function addDoctorCommand(program: Command, { terminal, environment }: Surroundings): void {
  const command = program
    .command('doctor')
    .description('look for what is wrong with the settings, folders, database and stored files of a server')
    .option('--verify', 'read every stored file, not a sample')
  addJson(command).action(async ({ json = false, verify = false }: DoctorOptions) => {
    // Only this command pays for loading it.
    const { examine } = await import('../doctor/examine.ts')
    const findings: Finding[] = []
    for await (const finding of examine({ environment, verify })) {
      findings.push(finding)
      if (!json) terminal.print(describeFinding(finding))
    }
    if (json) terminal.print(JSON.stringify(findings, null, 2))
    const problems = findings.filter((finding) => finding.state === 'problem').length
    if (problems > 0) throw new CliError(`${problems} ${problems === 1 ? 'problem was' : 'problems were'} found`)
  })
}

export function describeFinding({ check, state, message, remedy }: Finding): string {
  const line = `${state.padEnd(8)} ${check}: ${message}`
  return remedy === undefined ? line : `${line}\n         → ${remedy}`
}
