import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { PulpClient } from '../clients/pulp-client.ts'
import { processTerminal, type Terminal } from './terminal.ts'

/** What a run of the CLI gets from outside, so that tests can give something else. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly terminal: Terminal
  /** Calls `handler` on each Ctrl-C instead of ending; the result takes it back. */
  onInterrupt(handler: () => void): () => void
  /** Trusts these authorities too from now on, PEM. */
  trust(pem: string): void
  /** Ends the program at once. */
  exit(code: number): void
}

/** What a command that talks to a server works with. */
export interface Session extends Surroundings {
  readonly client: PulpClient
  /** Where the credentials come from, for people. */
  readonly identity: string
}

export function processSurroundings(): Surroundings {
  return {
    environment: process.env,
    cwd: process.cwd(),
    terminal: processTerminal(),
    onInterrupt(handler) {
      process.on('SIGINT', handler)
      return () => process.off('SIGINT', handler)
    },
    trust: (pem) => setDefaultCACertificates([...getCACertificates('default'), pem]),
    exit: (code) => process.exit(code),
  }
}
