import { type Html, html, page } from './html.ts'
import { pageName } from './page-name.ts'

/** A package name as lists show it. */
export interface ListedName {
  readonly name: string
  /** Of its newest build. */
  readonly summary: string
}

/** A page that leads to some of the packages. */
export interface ListPage {
  readonly path: string
  readonly title: string
  readonly description: string
  readonly packages: readonly ListedName[]
}

export function letterPage(letter: string, packages: readonly ListedName[]): ListPage {
  return { path: `letters/${pageName(letter)}.html`, title: `Packages: ${letter}`, description: '', packages }
}

/** The letter or digit that a name is found under; `other` where it begins with neither. */
export function letterOf(name: string): string {
  const first = name.charAt(0).toUpperCase()
  return /[A-Z0-9]/.test(first) ? first : 'other'
}

/** A page one folder below the index. */
export function printList({ title, description, packages }: ListPage): Buffer {
  const rows = packages.map(({ name, summary }) => {
    return html`<tr><td><a href="../packages/${pageName(name)}.html">${name}</a></td><td>${summary}</td></tr>`
  })
  const intro = description === '' ? html`` : html`<p>${description}</p>`
  return page(title, '../', html`${intro}\n<table>\n${rows}\n</table>`)
}

export interface Index {
  readonly letters: readonly { readonly letter: string; readonly page: ListPage }[]
  readonly groups: readonly ListPage[]
  /** Names, and builds of all of them. */
  readonly names: number
  readonly builds: number
}

export function printIndex({ letters, groups, names, builds }: Index): Buffer {
  const byLetter = letters.map(({ letter, page: { path, packages } }) => {
    return html`<a href="${path}" title="${packages.length} packages">${letter}</a>`
  })
  const body = html`<p>${builds} builds of ${names} packages.</p>
<h2>By letter</h2>
<p class="letters">
${byLetter}
</p>
${groups.length === 0 ? html`` : printGroups(groups)}`
  return page('Packages', '', body)
}

function printGroups(groups: readonly ListPage[]): Html {
  const rows = groups.map(({ path, title, description, packages }) => {
    return html`<tr><td><a href="${path}">${title}</a></td><td>${packages.length}</td><td>${description}</td></tr>`
  })
  return html`<h2>By group</h2>\n<table>\n${rows}\n</table>`
}
