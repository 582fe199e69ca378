import type WebSocket from 'ws'
import type { Clock } from '../clock.ts'

/** Says `alive` so often, with a ping; `giveUp` is called when the server was silent from one to the next. Returns at `lost`. */
export async function keepAlive(
  socket: WebSocket,
  everyMs: number,
  clock: Clock,
  lost: AbortSignal,
  giveUp: () => void,
  alive: () => { readonly kind: 'alive' } = () => ({ kind: 'alive' }),
): Promise<void> {
  let heard = true
  const hear = () => {
    heard = true
  }
  socket.on('pong', hear)
  socket.on('message', hear)
  for (;;) {
    await clock.pause(everyMs, lost)
    if (lost.aborted) return
    if (!heard) return giveUp()
    heard = false
    socket.send(JSON.stringify(alive()))
    socket.ping()
  }
}
