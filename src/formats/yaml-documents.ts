import { FormatError } from './format-error.ts'
import type { Bytes } from './transformed.ts'

/** Bytes of one document. */
const maxDocumentBytes = 16 * 1024 ** 2

const lineFeed = 0x0a
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * The documents of a YAML stream, each with the very bytes that stand between its marks: with its own `---` if it has one and the
 * directives and comments ahead of it, without the `...` at its end. Nothing is parsed: a line that begins with a mark ends a document
 * whatever it is in the middle of (YAML 1.2.2 §9.1). Throws a FormatError for one of more than 16 MiB.
 */
export async function* yamlDocuments(source: Bytes): AsyncGenerator<Buffer> {
  const lines = new Lines()
  const cutter = new Cutter()
  for await (const chunk of source) {
    for (const line of lines.of(chunk)) {
      const document = cutter.add(line)
      if (document !== undefined) yield document
    }
  }
  for (const document of [cutter.add(lines.last()), cutter.end()]) if (document !== undefined) yield document
}

/** Whether a document says itself where it begins. */
export function hasDocumentStart(document: Buffer): boolean {
  return isMark(document, '---') || ['\n---\n', '\n---\r', '\n--- ', '\n---\t'].some((mark) => document.includes(mark))
}

/** Gathers lines and gives what they make up to the mark that ends it. */
class Cutter {
  readonly #document = new Pieces()
  #begun = false

  add(line: Buffer): Buffer | undefined {
    const [starts, ends] = [isMark(line, '---'), isMark(line, '...')]
    const finished = ends || (starts && this.#begun) ? this.end() : undefined
    if (ends) return finished
    this.#document.add(line)
    this.#begun ||= starts || isContent(line)
    return finished
  }

  /** Comments alone are no document. */
  end(): Buffer | undefined {
    const document = this.#document.take()
    const begun = this.#begun
    this.#begun = false
    return begun ? document : undefined
  }
}

class Lines {
  readonly #rest = new Pieces()
  #isFirst = true

  /** Empty when the last one ended with a line feed. */
  last(): Buffer {
    return this.#line(Buffer.alloc(0))
  }

  /** Those that end in the chunk, which holds their bytes. */
  *of(chunk: Uint8Array): Generator<Buffer> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    let from = 0
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, from)) {
      yield this.#line(bytes.subarray(from, end + 1))
      from = end + 1
    }
    this.#rest.add(bytes.subarray(from))
  }

  #line(end: Buffer): Buffer {
    const line = this.#rest.isEmpty ? end : this.#rest.add(end).take()
    const isFirst = this.#isFirst
    this.#isFirst = false
    return isFirst ? withoutByteOrderMark(line) : line
  }
}

function withoutByteOrderMark(line: Buffer): Buffer {
  return line.subarray(0, 3).equals(byteOrderMark) ? line.subarray(3) : line
}

/** A mark, and then a blank or nothing. */
function isMark(line: Buffer, mark: string): boolean {
  return line.toString('latin1', 0, 3) === mark && (line.length === 3 || isBlank(line[3]))
}

/** Neither empty, nor a comment, nor a directive. */
function isContent(line: Buffer): boolean {
  const first = line.find((byte) => !isBlank(byte))
  return first !== undefined && first !== 0x23 && line[0] !== 0x25
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === lineFeed
}

/** One buffer that grows, since a document may have millions of lines. */
class Pieces {
  #bytes = Buffer.allocUnsafe(4096)
  #size = 0

  get isEmpty(): boolean {
    return this.#size === 0
  }

  add(piece: Buffer): this {
    const size = this.#size + piece.length
    if (size > maxDocumentBytes)
      throw new FormatError('too-large', `a document of the YAML is larger than ${maxDocumentBytes} bytes`)
    if (size > this.#bytes.length) this.#grow(size)
    piece.copy(this.#bytes, this.#size)
    this.#size = size
    return this
  }

  take(): Buffer {
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#size))
    this.#size = 0
    return bytes
  }

  #grow(size: number): void {
    const grown = Buffer.allocUnsafe(Math.max(size, 2 * this.#bytes.length))
    this.#bytes.copy(grown, 0, 0, this.#size)
    this.#bytes = grown
  }
}
