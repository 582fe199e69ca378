import { parseArgs } from 'node:util'
import { invalid } from '../../core/errors.ts'
import { serverUrl } from '../server/server-address.ts'

/** Who registers the consumer, when it has no certificate yet. */
export interface Registrar {
  readonly user?: string
  /** File with his password in its first line. */
  readonly passwordFile?: string
  readonly token?: string
}

export interface ConsumerOptions {
  readonly url: string
  readonly consumer: string
  /** File with the key and the certificate that the registration gave, PEM. */
  readonly certificate: string | undefined
  readonly registrar: Registrar
  readonly stateFolder: string | undefined
  /** File of PEM certificates. */
  readonly ca: string | undefined
  /** Root folder of the system that it looks after. */
  readonly root: string
  readonly packageCommand: readonly string[]
  readonly allowReboot: boolean
  readonly profileMinutes: number
  readonly once: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

export const consumerUsage = `Usage: deckle agent --consumer <id> --url <server> [options]

Does what a Deckle server tells this consumer: binds it to repositories, installs, updates and removes packages, and reports what
is installed. It opens one connection to the server and no port.

  --consumer <id>          id of the consumer
  --url <server>           address of the server, https://deckle.example.com (or DECKLE_AGENT_URL)
  --certificate <file>     key and certificate that the registration gave, PEM
  --user <login>           registers the consumer by this user, if there is no certificate yet; with
  --password-file <file>   his password in the first line. Or DECKLE_TOKEN: a token that may create consumers
  --state-dir <path>       where the certificate is kept (default: /var/lib/deckle-agent, or ~/.local/state/deckle-agent)
  --root <path>            root folder of the system to look after (default: /)
  --package-command <cmd>  what installs packages; takes the arguments of dnf (default: dnf)
  --allow-reboot           reboot when the server asks for it
  --profile-minutes <n>    report what is installed so often, besides after each change (default: 240)
  --ca <file>              certificates of authorities to trust beside the usual ones, in PEM
  --once                   report what is installed, do the tasks that wait, and end
  --help, --version`

const flags = {
  consumer: { type: 'string' },
  url: { type: 'string' },
  certificate: { type: 'string' },
  user: { type: 'string' },
  'password-file': { type: 'string' },
  'state-dir': { type: 'string' },
  root: { type: 'string' },
  'package-command': { type: 'string' },
  'allow-reboot': { type: 'boolean' },
  'profile-minutes': { type: 'string' },
  ca: { type: 'string' },
  once: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const

/** Whether the agent is one of a consumer, not of a host. */
export function isForConsumer(args: readonly string[]): boolean {
  return args.some((arg) => arg === '--consumer' || arg.startsWith('--consumer='))
}

/** Throws kind `invalid` for what cannot be run. */
export function readConsumerOptions(
  args: readonly string[],
  environment: Environment,
): ConsumerOptions | 'help' | 'version' {
  const given = parsed(args)
  if (given.help === true) return 'help'
  if (given.version === true) return 'version'
  const url = given.url ?? environment['DECKLE_AGENT_URL']
  if (url === undefined) throw invalid('--url is missing: the address of the server')
  return {
    url: serverUrl(url),
    consumer: readId(given.consumer ?? ''),
    certificate: given.certificate,
    registrar: readRegistrar(given.user, given['password-file'], environment['DECKLE_TOKEN']),
    stateFolder: given['state-dir'],
    ca: given.ca,
    root: given.root ?? '/',
    packageCommand: words(given['package-command'] ?? 'dnf'),
    allowReboot: given['allow-reboot'] === true,
    profileMinutes: positive(given['profile-minutes'] ?? '240'),
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

/** pulp2-api §1.2. */
function readId(id: string): string {
  if (/^[.\-_A-Za-z0-9]{1,255}$/.test(id)) return id
  throw invalid('--consumer is the id of a consumer: letters, digits, dots, hyphens and underscores')
}

function readRegistrar(
  user: string | undefined,
  passwordFile: string | undefined,
  token: string | undefined,
): Registrar {
  if ((user === undefined) !== (passwordFile === undefined)) throw invalid('--user and --password-file go together')
  return {
    ...(user !== undefined && { user }),
    ...(passwordFile !== undefined && { passwordFile }),
    ...(token !== undefined && { token }),
  }
}

function words(command: string): readonly string[] {
  const split = command.split(/\s+/).filter((word) => word !== '')
  if (split.length === 0) throw invalid('--package-command is empty')
  return split
}

function positive(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0 && number < 30_000) return number
  throw invalid(`--profile-minutes is a number from 1 on, not ${text}`)
}
