import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FormatError } from './format-error.ts'
import { parseYamlText } from './yaml.ts'
import { hasDocumentStart, yamlDocuments } from './yaml-documents.ts'

async function documentsOf(text: string | Uint8Array, pieceBytes = 5): Promise<string[]> {
  const bytes = Buffer.from(text)
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  return (await Array.fromAsync(yamlDocuments(pieces()))).map(String)
}

describe('the documents of a YAML stream', () => {
  it('are what stands between their marks, to the byte', async () => {
    const first = '---\na:  "x"   # why\r\nb: |\n  ---\n  ...\n'
    const second = '--- # second\n\nc: größe\n'
    for (const pieceBytes of [1, 3, 1000])
      assert.deepEqual(await documentsOf(`${first}...\n${second}`, pieceBytes), [first, second])
    assert.deepEqual(await documentsOf(first + second), [first, second])
  })

  it('may begin without a mark, with directives or a byte order mark, and end without a line feed', async () => {
    assert.deepEqual(await documentsOf('a: 1\n...\n# said ahead\n%YAML 1.2\n---\nb: 2'), [
      'a: 1\n',
      '# said ahead\n%YAML 1.2\n---\nb: 2',
    ])
    assert.deepEqual(await documentsOf('\ufeff---\na: 1\n'), ['---\na: 1\n'])
  })

  it('are none where only comments and ends stand', async () => {
    for (const text of ['', '\n', '# nothing\n', '...\n...\n# nothing']) assert.deepEqual(await documentsOf(text), [])
  })

  it('are not torn at what only looks like a mark', async () => {
    const text = '---\na:\n----\n....\n ---\n ...\n---x\n'
    assert.deepEqual(await documentsOf(text), [text])
  })

  it('are the same wherever the stream is cut, and lose nothing but ends', async () => {
    const line = fc.constantFrom('---', '...', 'a: 1', '# x', '', '%YAML 1.2', '--- x', ' ...')
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 20 }), async (lines, pieceBytes) => {
        const text = lines.map((one) => `${one}\n`).join('')
        const documents = await documentsOf(text, pieceBytes)
        assert.deepEqual(documents, await documentsOf(text, 10_000))
        const content = (texts: readonly string[]) => texts.join('').match(/^(?:a: 1| \.\.\.|--- x)$/gm)
        assert.deepEqual(content(documents), content([text]))
      }),
    )
  })

  it('have a size beyond which they are refused', async () => {
    const long = Buffer.alloc(17 * 1024 ** 2, 'x')
    const lines = Buffer.from('x\n'.repeat(9 * 1024 ** 2))
    for (const bytes of [long, lines])
      await assert.rejects(documentsOf(bytes, 1024 ** 2), (error) => {
        assert.ok(error instanceof FormatError)
        return error.fault === 'too-large'
      })
  })

  it('say whether they begin with a mark of their own', () => {
    for (const text of ['---\na', '---', '# x\n---\na', '%YAML 1.2\n--- a'])
      assert.ok(hasDocumentStart(Buffer.from(text)), text)
    for (const text of ['a: 1\n', '----\n', 'a: |\n ---\n']) assert.ok(!hasDocumentStart(Buffer.from(text)), text)
  })
})

describe('a YAML document without types', () => {
  const parse = (text: string) => parseYamlText(Buffer.from(text))

  it('has texts where others see numbers, dates or nothing', () => {
    const text = 'a: 00000000\nb: 1.10\nc: 2020-01-01\nd: no\ne:\nf: ~\ng: [1, "x\\n"]\n'
    const read = { a: '00000000', b: '1.10', c: '2020-01-01', d: 'no', e: '', f: '~', g: ['1', 'x\n'] }
    assert.deepEqual({ ...(parse(text) as object) }, read)
  })

  it('is refused with aliases, which may mean more than memory holds, when it is too deep, and when it is not sound', () => {
    const bomb = `a: &a [x, x]\n${'bcdefgh'.replace(/./g, (name) => `${name}: &${name} [*${String.fromCharCode(name.charCodeAt(0) - 1)}, *a]\n`)}`
    const faults = [bomb, 'a: &x 1\nb: *x', '[', 'a: 1\na: 2', '\0', '"\u0001"', '- '.repeat(5000), '[ '.repeat(5000)]
    for (const text of faults) assert.throws(() => parse(text), FormatError, text.slice(0, 40))
    assert.throws(() => parseYamlText(Buffer.from([0x61, 0xff])), FormatError)
  })

  it('is read or refused, whatever the bytes are', () => {
    const mark = fc.constantFrom(
      '---',
      '- ',
      ': ',
      '\n',
      '|',
      '>',
      '"',
      "'",
      '[',
      '{',
      '&a',
      '*a',
      '!!x',
      '%',
      '\t',
      'x',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(mark, { maxLength: 60 }).map((marks) => marks.join('')),
    )
    fc.assert(
      fc.property(text, (text) => {
        try {
          parse(text)
        } catch (error) {
          assert.ok(error instanceof FormatError)
        }
      }),
    )
  })
})
