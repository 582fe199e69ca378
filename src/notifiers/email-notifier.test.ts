import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { EmailNotifier } from './email-notifier.ts'

const message = { type: 'repo.sync.start', body: { event_type: 'repo.sync.start' } } as const

/** A mail server that takes everything but mails for `nobody@…`, and keeps what it was told. */
function serve(socket: Socket, lines: string[]): void {
  let isBody = false
  socket.write('220 test\r\n')
  createInterface({ input: socket }).on('line', (line) => {
    lines.push(line)
    if (isBody) {
      if (line !== '.') return
      isBody = false
      return void socket.write('250 taken\r\n')
    }
    if (/^EHLO/.test(line)) return void socket.write('250 test\r\n')
    if (/^RCPT TO:<nobody@/.test(line)) return void socket.write('550 unknown\r\n')
    isBody = line === 'DATA'
    socket.write(isBody ? '354 go on\r\n' : line === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n')
  })
}

describe('EmailNotifier', () => {
  const lines: string[] = []
  const sockets = new Set<Socket>()
  let server: Server
  let notifier: EmailNotifier

  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined))
      serve(socket, lines)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    notifier = new EmailNotifier({ url: `smtp://127.0.0.1:${port}?ignoreTLS=true`, from: 'deckle@example.com' })
  })

  after(async () => {
    await notifier.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  it('mails the message to all addresses, under the subject of the listener', async () => {
    lines.length = 0
    const addresses = ['ann@example.com', 'bob@example.com']
    await notifier.notify({ subject: 'Zoo', addresses }, message)
    assert.deepEqual(
      lines.filter((line) => /^(MAIL|RCPT|Subject)/.test(line)),
      ['MAIL FROM:<deckle@example.com>', 'RCPT TO:<ann@example.com>', 'RCPT TO:<bob@example.com>', 'Subject: Zoo'],
    )
    assert.ok(lines.includes('  "event_type": "repo.sync.start"'))
  })

  it('names the event where the listener has no subject', async () => {
    lines.length = 0
    await notifier.notify({ addresses: ['ann@example.com'] }, message)
    assert.ok(lines.includes('Subject: repo.sync.start'))
  })

  it('says that the mail server refuses, and that there is nobody to mail to', async () => {
    await assert.rejects(notifier.notify({ addresses: ['nobody@example.com'] }, message), {
      kind: 'upstream',
      message: /550/,
    })
    await assert.rejects(notifier.notify({}, message), { kind: 'invalid', message: /set addresses/ })
  })
})
