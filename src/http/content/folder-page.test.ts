import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { folderPage } from './folder-page.ts'

async function page(path: string, names: readonly string[]): Promise<string[]> {
  async function* iterate() {
    yield* names
  }
  return Array.fromAsync(folderPage(path, iterate()))
}

describe('folderPage', () => {
  it('escapes what names could smuggle in, in text and in links', async () => {
    const html = (await page('/pulp/<b>/', ['<script>"\'&.rpm', 'javascript:alert(1)', 'a b+c%20?#.rpm', 'x/'])).join(
      '',
    )
    assert.ok(html.includes('Index of /pulp/&lt;b&gt;/'))
    assert.ok(html.includes('<a href="./%3Cscript%3E%22&#39;%26.rpm">&lt;script&gt;&quot;&#39;&amp;.rpm</a>'))
    assert.ok(html.includes('href="./javascript%3Aalert(1)"'))
    assert.ok(html.includes('href="./a%20b%2Bc%2520%3F%23.rpm"'))
    assert.ok(html.includes('<a href="./x/">x/</a>'))
    assert.ok(!html.includes('<script>'))
  })

  it('leads up, except from the top', async () => {
    assert.ok((await page('/pulp/repos/', [])).join('').includes('<a href="../">'))
    assert.ok(!(await page('/pulp/', [])).join('').includes('<a href="../">'))
  })

  it('comes in pieces of bounded size', async () => {
    const names = Array.from({ length: 5000 }, (_, index) => `package-${index}.rpm`)
    const pieces = await page('/pulp/repos/zoo/', names)
    assert.ok(pieces.length > 10)
    for (const piece of pieces) assert.ok(piece.length < 20_000)
    assert.equal(pieces.join('').match(/<li>/g)?.length, 5001)
  })
})
