import { createTransport, type Transporter } from 'nodemailer'
import { DeckleError } from '../core/errors.ts'
import type { EventMessage, Notifier } from '../core/event.ts'
import type { JsonObject } from '../core/json.ts'

export interface EmailNotifierOptions {
  /** The setting DECKLE_SMTP_URL: `smtp://user:password@host:port`, `smtps://…`. */
  readonly url: string
  /** The setting DECKLE_SMTP_FROM. */
  readonly from: string
  /** Of each step, milliseconds. */
  readonly timeoutMs?: number
}

/** Mails messages as JSON text. The listener has heard when the mail server took the mail for all of its addresses. */
export class EmailNotifier implements Notifier {
  readonly #transport: Transporter
  readonly #from: string

  constructor({ url, from, timeoutMs = 10_000 }: EmailNotifierOptions) {
    const limits = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs }
    this.#transport = createTransport({ url, ...limits })
    this.#from = from
  }

  async notify({ subject, addresses }: JsonObject, { type, body }: EventMessage): Promise<void> {
    const to = Array.isArray(addresses) ? addresses.filter((one) => typeof one === 'string') : []
    if (to.length === 0) {
      throw new DeckleError('invalid', 'the listener has no addresses: set addresses in its notifier_config')
    }
    const text = `${JSON.stringify(body, undefined, 2)}\n`
    try {
      await this.#transport.sendMail({
        from: this.#from,
        to,
        subject: typeof subject === 'string' ? subject : type,
        text,
      })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new DeckleError('upstream', `the mail server did not take the mail: ${reason}`, {}, { cause: error })
    }
  }

  async close(): Promise<void> {
    this.#transport.close()
  }
}
