import type { JsonObject } from '../../../core/json.ts'
import { compareEvr, type Evr } from '../rpm-version.ts'
import { type Html, html, lines, page } from './html.ts'

/** A build of a package as its page shows it. */
export interface Build extends Evr {
  readonly name: string
  readonly arch: string
  readonly summary: string
  readonly description: string
  readonly url: string
  readonly license: string
  readonly vendor: string
  /** Unix time, seconds. */
  readonly built: number
  /** Bytes. */
  readonly size: number
  /** In the publication. */
  readonly path: string
}

export interface Change {
  /** Unix time, seconds. */
  readonly date: number
  readonly author: string
  readonly text: string
}

/** The build that metadata tells of; `path` is where its file is published. */
export function toBuild(metadata: JsonObject, path: string): Build {
  const text = (name: string) => (typeof metadata[name] === 'string' ? metadata[name] : '')
  const number = (name: string) => (typeof metadata[name] === 'number' ? metadata[name] : 0)
  return {
    name: text('name'),
    epoch: text('epoch'),
    version: text('version'),
    release: text('release'),
    arch: text('arch'),
    summary: text('summary'),
    description: text('description'),
    url: text('url'),
    license: text('license'),
    vendor: text('vendor'),
    built: number('build_time'),
    size: number('size'),
    path,
  }
}

/** The newest first; of one version by arch. */
export function compareBuilds(one: Build, two: Build): number {
  if (one.arch === two.arch) return compareEvr(two, one)
  return compareEvr(two, one) || (one.arch < two.arch ? -1 : 1)
}

/** The page of all builds of one name, of which there is at least one; the newest first, whose changes are told. */
export function printPackage(builds: readonly [Build, ...Build[]], changes: readonly Change[]): Buffer {
  const [newest] = builds
  const body = html`<p>${newest.summary}</p>
${lines(newest.description)}
<dl>
${facts(newest)}
</dl>
<h2>Builds</h2>
<table>
<tr><th>Version</th><th>Arch</th><th>Built</th><th>Bytes</th></tr>
${builds.map(printBuild)}
</table>
${changes.length === 0 ? html`` : printChanges(changes)}`
  return page(newest.name, '../', body)
}

function facts({ url, license, vendor }: Build): readonly Html[] {
  // Other schemes could make a browser run something.
  const site = /^https?:\/\//i.test(url) ? html`<a href="${url}">${url}</a>` : html`${url}`
  const all: readonly (readonly [string, Html, string])[] = [
    ['Home page', site, url],
    ['License', html`${license}`, license],
    ['Vendor', html`${vendor}`, vendor],
  ]
  return all.filter(([, , text]) => text !== '').map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)
}

function printBuild({ epoch, version, release, arch, built, size, path }: Build): Html {
  const evr = `${epoch === '0' || epoch === '' ? '' : `${epoch}:`}${version}-${release}`
  const href = path.split('/').map(encodeURIComponent).join('/')
  return html`<tr><td><a href="../../${href}">${evr}</a></td><td>${arch}</td><td>${day(built)}</td><td>${size}</td></tr>`
}

function printChanges(changes: readonly Change[]): Html {
  const entries = changes.map(({ date, author, text }) => html`<dt>${day(date)} ${author}</dt><dd>${lines(text)}</dd>`)
  return html`<h2>Changes</h2>\n<dl>\n${entries}\n</dl>`
}

/** `2026-11-21`; empty for a time that is no date. */
function day(seconds: number): string {
  const date = new Date(seconds * 1000)
  return seconds <= 0 || Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10)
}
