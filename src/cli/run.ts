import { CommanderError } from 'commander'
import { PulpClient } from '../clients/pulp-client.ts'
import { chooseConnection, localTokenFile } from './connection.ts'
import { explain } from './explain.ts'
import { createProgram } from './program.ts'
import type { Session, Surroundings } from './surroundings.ts'

/** Runs one command line (without the program's own name) and resolves with its exit code; errors are printed, not thrown. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { environment, cwd } = surroundings
  let identity: string | undefined
  const connect = (): Session => {
    const choice = chooseConnection(environment, localTokenFile(environment, cwd))
    identity = choice.identity
    return { ...surroundings, client: new PulpClient(choice.connection), identity }
  }
  try {
    await createProgram(surroundings, connect).parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    // commander has printed it already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return fail(error, identity, surroundings)
  }
}

function fail(error: unknown, identity: string | undefined, { terminal, environment }: Surroundings): number {
  const { line, exitCode } = explain(error, identity)
  terminal.note(`deckle: ${line}`)
  if (environment['DECKLE_DEBUG'] && error instanceof Error) terminal.note(error.stack ?? '')
  return exitCode
}
