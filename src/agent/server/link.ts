import type { AgentMessage, ServerMessage } from '../../wire/agent/messages.ts'
import type { Clock } from '../clock.ts'
import { readServerMessage } from './read-server-message.ts'
import type { ServerAddress } from './server-address.ts'
import { openSocket, Session, type SessionEnd, type WelcomedSession } from './session.ts'

/** A connection that the server has welcomed. */
export interface Link extends WelcomedSession<AgentMessage> {
  /** Id of this host, as the API spells it. */
  readonly host: string
}

export interface LinkDuties {
  hello(): Promise<AgentMessage>
  welcomed(link: Link): void
  message(message: ServerMessage): void
}

export interface LinkEnd extends SessionEnd {
  /** The keys are not good any more. */
  readonly refused: boolean
}

export interface LinkKeys {
  readonly accessKey: string
  readonly secretKey: string
}

const longestMessage = 1024 * 1024

/** Opens one connection and serves it. Resolves when it is over, also when `stop` aborts; never throws. */
export async function openLink(
  server: ServerAddress,
  { accessKey, secretKey }: LinkKeys,
  duties: LinkDuties,
  clock: Clock,
  stop: AbortSignal,
): Promise<LinkEnd> {
  const authorization = `Basic ${Buffer.from(`${accessKey}:${secretKey}`).toString('base64')}`
  const socket = openSocket(server, '/agent/connect', longestMessage, { authorization })
  let refused = false
  const session: Session<AgentMessage> = new Session(socket, clock, {
    opened: async () => session.send(await duties.hello()),
    hear: (text) => hear(session, duties, text),
    rejected: (status) => {
      refused = status === 401
    },
  })
  return { ...(await session.run(stop)), refused }
}

function hear(session: Session<AgentMessage>, duties: LinkDuties, text: string): void {
  const message = readServerMessage(text)
  if (message?.kind === 'welcome') {
    const welcomed = session.welcomed(message.aliveSeconds)
    if (welcomed !== undefined) duties.welcomed({ ...welcomed, host: message.host })
  } else if (message !== undefined) duties.message(message)
}
