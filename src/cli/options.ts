import { type Command, Option } from 'commander'
import type { Session } from './surroundings.ts'

/** Makes the session of a command that talks to a server; called when the command runs, not before. */
export type Connect = () => Session

export function addJson(command: Command): Command {
  return command.option('--json', 'print JSON for programs')
}

export function choiceOf(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices(values)
}
