import { plainEnvironment } from './deckle-server.ts'
import { type Outcome, runProgram } from './programs.ts'
import { program } from './project.ts'

/** Runs `deckle` as its users do. */
export function deckle(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Outcome> {
  const env = { ...plainEnvironment(), ...environment }
  return runProgram(process.execPath, [program, ...args], { env })
}
