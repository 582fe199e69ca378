import type { GeneratedFile } from '../../../core/distributor.ts'
import { inOnePiece } from '../../../core/in-one-piece.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { Layout } from '../../../core/layout.ts'
import type { UnitWithDocuments } from '../../../core/repository-version.ts'
import { groupType } from '../comps/comps-types.ts'
import { packageElement } from '../package-element.ts'
import type { YumPublishRun } from '../published-content.ts'
import { orderFields } from '../segments/package-order.ts'
import { style } from './html.ts'
import { type ListedName, type ListPage, letterOf, letterPage, printIndex, printList } from './listed-name.ts'
import { type Build, type Change, compareBuilds, printPackage, toBuild } from './package-page.ts'
import { pageName } from './page-name.ts'

export interface RepoviewPlan {
  readonly layout: Layout
  /** Types of packages that are published. */
  readonly packageTypes: readonly string[]
  /** So many more packages are shown. */
  readonly progress: (packages: number) => void
}

const folder = 'repoview/'
const shownChanges = 20
const fields = [...orderFields, 'filename', 'summary', 'description', 'url', 'license', 'vendor', 'build_time', 'size']
const listsOfNames = ['mandatory_package_names', 'default_package_names', 'optional_package_names']

/**
 * Pages for people who browse a repository, without a program behind them: an index, a page for each letter, comps group and
 * package name. Only names and summaries are held in memory. Nothing in them tells which repository it is or when this
 * was made, so that publications of equal content share them.
 */
export async function* publishedRepoview(run: YumPublishRun, plan: RepoviewPlan): AsyncGenerator<GeneratedFile> {
  yield { ...pageFile('style.css', Buffer.from(style)), mediaType: 'text/css' }
  const names: ListedName[] = []
  let builds = 0
  for await (const { all, newest } of byName(run, plan)) {
    const [first] = all
    names.push({ name: first.name, summary: first.summary })
    builds += all.length
    yield pageFile(`packages/${pageName(first.name)}.html`, printPackage(all, newest))
    plan.progress(all.length)
  }
  const letters = byLetter(names)
  const groups = await groupPages(run, names)
  for (const page of [...letters.map(({ page }) => page), ...groups]) yield pageFile(page.path, printList(page))
  yield pageFile('index.html', printIndex({ letters, groups, names: names.length, builds }))
}

interface OneName {
  /** The newest first. */
  readonly all: readonly [Build, ...Build[]]
  /** What changed in the newest. */
  readonly newest: readonly Change[]
}

/** The builds of each name, in order of name. */
async function* byName(run: YumPublishRun, { packageTypes, layout }: RepoviewPlan): AsyncGenerator<OneName> {
  let gathered: [Gathered, ...Gathered[]] | undefined
  for await (const unit of run.units({ types: packageTypes, order: orderFields, fields, documents: ['other'] })) {
    run.signal.throwIfAborted()
    const next = gather(unit, layout)
    if (gathered?.[0].build.name === next.build.name) keep(gathered, next)
    else {
      if (gathered !== undefined) yield finish(gathered)
      gathered = [next]
    }
  }
  if (gathered !== undefined) yield finish(gathered)
}

interface Gathered {
  readonly build: Build
  other: Uint8Array | undefined
}

function gather({ unit, documents }: UnitWithDocuments, layout: Layout): Gathered {
  const fileName = unit.metadata['filename']
  return { build: toBuild(unit.metadata, layout.place(String(fileName))), other: documents['other'] }
}

/** The newest stays in front; only its changes are shown. */
function keep(gathered: [Gathered, ...Gathered[]], next: Gathered): void {
  const [first] = gathered
  if (compareBuilds(next.build, first.build) < 0) {
    first.other = undefined
    gathered.unshift(next)
  } else {
    next.other = undefined
    gathered.push(next)
  }
}

function finish([first, ...others]: readonly [Gathered, ...Gathered[]]): OneName {
  const rest = others.map(({ build }) => build).toSorted(compareBuilds)
  return { all: [first.build, ...rest], newest: changesOf(first.other) }
}

/** The newest first, whatever order the tool that wrote them had. */
function changesOf(other: Uint8Array | undefined): readonly Change[] {
  const entries = (packageElement('other', other)?.children ?? []).filter(({ name }) => name === 'changelog')
  const changes = entries.map(({ attributes, text }) => {
    return { date: Number(attributes.get('date') ?? 0), author: attributes.get('author') ?? '', text }
  })
  return changes.toSorted((one, two) => two.date - one.date).slice(0, shownChanges)
}

function byLetter(names: readonly ListedName[]) {
  const letters = Map.groupBy(names, ({ name }) => letterOf(name))
  const sorted = [...letters].toSorted(([one], [two]) => (one < two ? -1 : 1))
  return sorted.map(([letter, packages]) => ({ letter, page: letterPage(letter, packages) }))
}

/** A page for each group of which the repository holds packages. */
async function groupPages(run: YumPublishRun, names: readonly ListedName[]): Promise<readonly ListPage[]> {
  if (run.config.skip.includes(groupType.id)) return []
  const known = new Map(names.map((listed) => [listed.name, listed]))
  const pages: ListPage[] = []
  for await (const { unit } of run.units({ types: [groupType.id], order: ['id'] })) {
    const packages = namesIn(unit.metadata).flatMap((name) => known.get(name) ?? [])
    if (packages.length > 0) pages.push(groupPage(unit.metadata, packages))
  }
  return pages
}

function groupPage({ id, name, description }: JsonObject, packages: readonly ListedName[]): ListPage {
  return {
    path: `groups/${pageName(String(id))}.html`,
    title: typeof name === 'string' && name !== '' ? name : String(id),
    description: typeof description === 'string' ? description : '',
    packages,
  }
}

function namesIn(group: JsonObject): readonly string[] {
  const lists = listsOfNames.flatMap((list) => group[list] ?? [])
  const conditional = [group['conditional_package_names'] ?? []]
    .flat(1)
    .flatMap((pair) => (Array.isArray(pair) ? (pair[0] ?? []) : []))
  const found = [...lists, ...conditional].filter((name) => typeof name === 'string')
  return [...new Set(found)].toSorted()
}

function pageFile(path: string, bytes: Buffer): GeneratedFile {
  return { path: `${folder}${path}`, mediaType: 'text/html; charset=utf-8', body: inOnePiece(bytes) }
}
