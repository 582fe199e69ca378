/** Something to tell the person in one line, with what to do about it. */
export class CliError extends Error {
  override readonly name = 'CliError'
  /** 1 for a failure, 2 for a call that could not be understood, 130 after Ctrl-C. */
  readonly exitCode: number

  constructor(message: string, exitCode = 1, options?: { cause?: unknown }) {
    super(message, options)
    this.exitCode = exitCode
  }
}
