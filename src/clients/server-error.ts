/** The server was asked and refused: an answer of 400 and above. `message` is the server's own text. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly status: number
  /** The server's error code (`PLP0009`), where it gave one (pulp2-api §2.3). */
  readonly code: string | undefined

  constructor(status: number, message: string, code?: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** No Deckle server answered: nothing listens, the name is unknown, the connection broke, or somebody else answers. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
  /** The base address that was tried, without credentials. */
  readonly url: string

  constructor(url: string, reason: string, options?: { cause?: unknown }) {
    super(reason, options)
    this.url = url
  }
}

/** A task ended in another state than `finished`. `message` is the task's own error text. */
export class TaskFailedError extends Error {
  override readonly name = 'TaskFailedError'
  readonly taskId: string
  readonly state: string

  constructor(taskId: string, state: string, message: string) {
    super(message)
    this.taskId = taskId
    this.state = state
  }
}
