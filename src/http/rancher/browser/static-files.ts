import { browseScript } from './browse-script.ts'
import { browseStyle } from './browse-style.ts'

export interface StaticFile {
  readonly type: string
  readonly body: string
}

const files: ReadonlyMap<string, StaticFile> = new Map([
  ['browse.js', { type: 'text/javascript; charset=utf-8', body: browseScript }],
  ['browse.css', { type: 'text/css; charset=utf-8', body: browseStyle }],
])

/** `static/<name>` below a version; nobody has to log in for it. */
export function staticFile([folder, name, ...rest]: readonly string[]): StaticFile | undefined {
  return folder === 'static' && rest.length === 0 ? files.get(name ?? '') : undefined
}
