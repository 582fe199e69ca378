import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PublicFile } from '../../kit/public-file.ts'
import type { Route } from '../../kit/route.ts'
import { root } from '../hrefs.ts'

/** The description of an API made of these routes, and the page to browse and try it, which needs nothing from other hosts. */
export function referenceFiles(routes: readonly Route[]): readonly PublicFile[] {
  const folder = `${root}docs/`
  return [
    { path: `${root}openapi.json`, type: 'application/json; charset=utf-8', read: printedOnce(routes) },
    { path: folder, type: 'text/html; charset=utf-8', headers: page, read: () => readPart('index.html') },
    { path: `${folder}start.js`, type: script, read: () => readPart('start.js') },
    { path: `${folder}swagger-ui-bundle.js`, type: script, read: () => readPart('swagger-ui-bundle.js') },
    { path: `${folder}swagger-ui.css`, type: 'text/css; charset=utf-8', read: () => readPart('swagger-ui.css') },
  ]
}

const script = 'text/javascript; charset=utf-8'

/** Images in the style sheet of Swagger UI are `data:`; everything else is ours. */
const policy = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
]
const page = { 'content-security-policy': policy.join('; '), 'referrer-policy': 'no-referrer' }

/** Made when it is first asked for: the schemas of the wire take 6 MB that most servers never need. */
function printedOnce(routes: readonly Route[]): () => Promise<Uint8Array> {
  let printed: Promise<Uint8Array> | undefined
  return () => {
    printed ??= print(routes)
    return printed
  }
}

async function print(routes: readonly Route[]): Promise<Uint8Array> {
  const { openApiDocument } = await import('./document.ts')
  return Buffer.from(JSON.stringify(openApiDocument(routes)))
}

/** The build lays all parts of the page beside the bundle; in a clone those of Swagger UI are still in its package. */
function readPart(name: string): Promise<Uint8Array> {
  const beside = join(import.meta.dirname, 'docs', name)
  return readFile(existsSync(beside) ? beside : fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`)))
}
