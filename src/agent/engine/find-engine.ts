import { DeckleError, invalid } from '../../core/errors.ts'
import { messageOf } from '../message-of.ts'
import { EngineClient } from './engine-client.ts'

/** Throws kind `invalid` for anything but the path of a unix socket. */
export function socketPath(engine: string): string {
  const path = engine.replace(/^unix:\/\//, '')
  if (path.startsWith('/')) return path
  throw invalid(`--engine is the socket of a container engine, unix:///run/docker.sock, not ${engine}`)
}

/** Where engines listen: of the whole host first, then of the user. */
export function usualSockets(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const own = environment['DOCKER_HOST']
  const user = environment['XDG_RUNTIME_DIR']
  return [
    ...(own?.startsWith('unix:///') ? [socketPath(own)] : []),
    '/run/docker.sock',
    '/var/run/docker.sock',
    '/run/podman/podman.sock',
    ...(user === undefined ? [] : [`${user}/docker.sock`, `${user}/podman/podman.sock`]),
  ]
}

/**
 * Looks for the engine each time it is called; one that has answered is the only one from then on, so that images do not land
 * in another while it restarts. Throws kind `upstream` with the sockets that were tried.
 */
export function engineFinder(sockets: readonly string[]): () => Promise<EngineClient> {
  let chosen: string | undefined
  return async () => {
    const tried: string[] = []
    for (const socket of chosen === undefined ? sockets : [chosen]) {
      try {
        const engine = await EngineClient.at(socket)
        chosen = socket
        return engine
      } catch (error) {
        tried.push(`${socket} (${messageOf(error)})`)
      }
    }
    const remedy = 'Start Docker, or podman.socket, or name the socket with --engine unix:///path'
    throw new DeckleError('upstream', `No container engine answers. Tried ${tried.join(', ')}. ${remedy}`)
  }
}
