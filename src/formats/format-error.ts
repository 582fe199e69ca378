/** Why bytes could not be read as what they claim to be. */
export type FormatFault =
  /** They end before they should. */
  | 'truncated'
  | 'malformed'
  /** They are larger or deeper than the caller allows. */
  | 'too-large'

/** The one error of this folder. It knows no domain; whoever knows which file it was says so when passing it on. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly fault: FormatFault

  constructor(fault: FormatFault, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.fault = fault
  }
}
