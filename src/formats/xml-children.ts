import { FormatError } from './format-error.ts'
import type { Bytes } from './transformed.ts'
import { asFormatError, defaultMaxDepth, type XmlElement, XmlTreeBuilder } from './xml-tree-builder.ts'

/** Bytes from the beginning of one child to its end. */
const maxChildBytes = 16 * 1024 ** 2

/**
 * The children of a document's root, one by one, while it is read: for long lists of small things. The root must have the name `root`.
 * Throws a FormatError when the document is not well-formed, not UTF-8 or not complete; what was yielded before is not to be
 * trusted then.
 */
export async function* xmlChildren(source: Bytes, root: string): AsyncGenerator<XmlElement> {
  const finished: XmlElement[] = []
  const builder = new XmlTreeBuilder({ maxDepth: defaultMaxDepth, takeChild: (child) => finished.push(child) })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let unfinished = 0
  for await (const chunk of source) {
    feed(builder, () => decoder.decode(chunk, { stream: true }))
    requireRoot(builder, root)
    unfinished = finished.length > 0 ? 0 : unfinished + chunk.length
    if (unfinished > maxChildBytes)
      throw new FormatError('too-large', `an element is larger than ${maxChildBytes} bytes`)
    yield* finished.splice(0)
  }
  feed(builder, () => decoder.decode())
  feed(builder, () => undefined)
  requireRoot(builder, root)
  yield* finished.splice(0)
}

/** Undefined is the end of the text. */
function feed(builder: XmlTreeBuilder, text: () => string | undefined): void {
  try {
    const next = text()
    if (next === undefined) builder.close()
    else builder.write(next)
  } catch (error) {
    throw asFormatError(error)
  }
}

function requireRoot({ root }: XmlTreeBuilder, name: string): void {
  if (root !== undefined && root.name !== name)
    throw new FormatError('malformed', `its root element is ${root.name.slice(0, 50)}, not ${name}`)
}
