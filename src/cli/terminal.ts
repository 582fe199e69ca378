/** Where a command writes. Results go to stdout, so that they can be piped; everything else to stderr. */
export interface Terminal {
  /** Writes text and a line end to stdout. */
  print(text: string): void
  /** Writes a line to stderr. */
  note(text: string): void
  /** Replaces the current line of stderr; an empty text clears it. Only where `columns` is known. */
  redraw(text: string): void
  /** Replaces the lines of stderr that it wrote before; none clears them. Only where `columns` is known. */
  redrawLines(lines: readonly string[]): void
  /** Of stderr, when a person looks at it; undefined for a file or a pipe. */
  columns(): number | undefined
}

export function processTerminal(): Terminal {
  const { stdout, stderr } = process
  stdout.on('error', endQuietly)
  let above = 0
  return {
    print: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    redraw: (text) => void stderr.write(`\r\u001b[2K${text}`),
    redrawLines(lines) {
      const up = above > 0 ? `\u001b[${above}A` : ''
      above = Math.max(lines.length - 1, 0)
      stderr.write(`\r${up}\u001b[J${lines.join('\n')}`)
    },
    columns: () => (stderr.isTTY ? (stderr.columns ?? 80) : undefined),
  }
}

/** `deckle … | head` closes the pipe when it has seen enough: that is no failure to talk about. */
function endQuietly(error: Error & { code?: string }): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
}
