const pageChars = 16_384

/** An HTML page that lists a folder, in pieces. Names of folders end in a slash; `query` follows each link, with its question mark. */
export async function* folderPage(path: string, names: AsyncIterable<string>, query = ''): AsyncGenerator<string> {
  const title = `Index of ${escapeHtml(path)}`
  yield `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body>\n`
  let piece = `<h1>${title}</h1>\n<ul>\n${path === '/pulp/' ? '' : `<li><a href="../${query}">../</a></li>\n`}`
  for await (const name of names) {
    piece += `<li><a href="${hrefOf(name)}${query}">${escapeHtml(name)}</a></li>\n`
    if (piece.length < pageChars) continue
    yield piece
    piece = ''
  }
  yield `${piece}</ul>\n</body></html>\n`
}

/** `./` keeps a colon in a name from looking like the end of a scheme. */
function hrefOf(name: string): string {
  const isFolder = name.endsWith('/')
  const encoded = encodeURIComponent(isFolder ? name.slice(0, -1) : name)
  return escapeHtml(`./${encoded}${isFolder ? '/' : ''}`)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
