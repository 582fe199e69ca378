import type { ServerResponse } from 'node:http'

/** A short answer for people, which nobody shall keep. `extra` is a flat list of header names and values. */
export function sendText(response: ServerResponse, status: number, text: string, extra: readonly string[] = []): void {
  const body = `${text}\n`
  response.writeHead(status, [
    ...['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(Buffer.byteLength(body))],
    ...['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'],
    ...extra,
  ])
  response.end(body)
}
