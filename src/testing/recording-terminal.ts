import type { Terminal } from '../cli/terminal.ts'

export interface RecordingTerminal extends Terminal {
  /** What went to stdout. */
  readonly printed: string[]
  /** Lines of stderr. */
  readonly notes: string[]
  readonly drawn: string[]
}

/** A terminal that keeps what is written to it; without `columns` it is a pipe. */
export function recordingTerminal(columns: number | undefined): RecordingTerminal {
  const printed: string[] = []
  const notes: string[] = []
  const drawn: string[] = []
  return {
    printed,
    notes,
    drawn,
    print: (text) => void printed.push(text),
    note: (text) => void notes.push(text),
    redraw: (text) => void drawn.push(text),
    redrawLines: (lines) => void drawn.push(lines.join('\n')),
    columns: () => columns,
  }
}
