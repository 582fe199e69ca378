import { parseArgs } from 'node:util'
import { invalid } from '../core/errors.ts'
import { socketPath } from './engine/find-engine.ts'
import { serverUrl } from './server/server-address.ts'

export interface AgentOptions {
  readonly url: string
  readonly token: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly name: string | undefined
  /** Path of the engine's socket; undefined to look for it. */
  readonly engine: string | undefined
  readonly stateFolder: string | undefined
  /** File of PEM certificates. */
  readonly ca: string | undefined
  readonly parallel: number
  readonly once: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

export const agentUsage = `Usage: deckle agent --url <server> [--token <token>] [options]
       deckle agent --consumer <id> --url <server> [options]    (--consumer <id> --help tells more)

Pulls images into this host's container engine when a Deckle server says so. It opens one connection to the server and no port.

  --url <server>      address of the server, https://deckle.example.com (or DECKLE_AGENT_URL)
  --token <token>     registration token; only the first start needs it (or DECKLE_AGENT_TOKEN, which other users cannot see)
  --label <key=value> label of this host, as often as needed
  --name <name>       what the server calls this host (default: its hostname)
  --engine <socket>   socket of Docker or Podman, unix:///run/docker.sock (default: the first one that answers)
  --state-dir <path>  where its keys are kept (default: /var/lib/deckle-agent, or ~/.local/state/deckle-agent)
  --ca <file>         certificates of authorities to trust beside the usual ones, in PEM
  --parallel <n>      images pulled at once (default: 3)
  --once              report the images, do the pulls that wait, and end
  --help, --version`

const flags = {
  url: { type: 'string' },
  token: { type: 'string' },
  label: { type: 'string', multiple: true },
  name: { type: 'string' },
  engine: { type: 'string' },
  'state-dir': { type: 'string' },
  ca: { type: 'string' },
  parallel: { type: 'string' },
  once: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const

/** Throws kind `invalid` for what cannot be run. */
export function readOptions(args: readonly string[], environment: Environment): AgentOptions | 'help' | 'version' {
  const given = parsed(args)
  if (given.help === true) return 'help'
  if (given.version === true) return 'version'
  const url = given.url ?? environment['DECKLE_AGENT_URL']
  if (url === undefined) throw invalid('--url is missing: the address of the server')
  return {
    url: serverUrl(url),
    token: given.token ?? environment['DECKLE_AGENT_TOKEN'],
    labels: readLabels(given.label ?? []),
    name: given.name,
    engine: given.engine === undefined ? undefined : socketPath(given.engine),
    stateFolder: given['state-dir'],
    ca: given.ca,
    parallel: readParallel(given.parallel ?? '3'),
    once: given.once === true,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true }).values
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error))
  }
}

function readLabels(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw invalid(`--label is key=value, not ${pair}`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

function readParallel(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw invalid(`--parallel is a number from 1 on, not ${text}`)
}
