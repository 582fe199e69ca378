import { DeckleError } from '../../core/errors.ts'

const longestLine = 1024 * 1024

/** The JSON values of a stream, a line each. Throws kind `upstream` for a line that is none, or is longer than 1 MiB. */
export async function* jsonLines(body: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of body) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) throw unreadable()
    for (const line of lines) if (line.trim() !== '') yield parsed(line)
  }
  if (rest.trim() !== '') yield parsed(rest)
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw unreadable()
  }
}

function unreadable(): DeckleError {
  return new DeckleError('upstream', 'The engine said something that is not JSON')
}
