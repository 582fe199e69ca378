import { createContext, runInContext } from 'node:vm'

type Listener = (event: { preventDefault(): void }) => unknown

/** As much of an element as the page of the Rancher API uses. */
export class TinyElement {
  readonly name: string
  readonly attributes = new Map<string, string>()
  readonly listeners = new Map<string, Listener>()
  children: (TinyElement | string)[] = []
  value = ''

  constructor(name: string) {
    this.name = name
  }

  get firstChild(): TinyElement | string | null {
    return this.children[0] ?? null
  }

  get text(): string {
    return this.children.map((child) => (typeof child === 'string' ? child : child.text)).join('')
  }

  /** Controls of a form by name. */
  get elements(): Readonly<Record<string, TinyElement>> {
    const named = this.all().filter((element) => element.attributes.has('name'))
    return Object.fromEntries(named.map((element) => [element.attributes.get('name'), element]))
  }

  append(...children: (TinyElement | string)[]): void {
    this.children.push(...children)
    const chosen = this.all('option').find((option) => option.attributes.has('selected'))
    if (this.name === 'select') this.value = (chosen ?? this.all('option')[0])?.attributes.get('value') ?? ''
    if (this.name === 'textarea') this.value = this.text
  }

  replaceChildren(...children: (TinyElement | string)[]): void {
    this.children = children
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, String(value))
    if (name === 'value') this.value = String(value)
  }

  addEventListener(name: string, listener: Listener): void {
    this.listeners.set(name, listener)
  }

  scrollIntoView(): void {}

  /** Below this one, in their order. */
  all(name?: string): readonly TinyElement[] {
    const elements = this.children.filter((child) => typeof child !== 'string')
    return elements.flatMap((child) => [
      ...(name === undefined || child.name === name ? [child] : []),
      ...child.all(name),
    ])
  }

  fire(event: string): void {
    this.listeners.get(event)?.({ preventDefault() {} })
  }
}

export interface TinyPage {
  readonly body: TinyElement
  /** Where the page has gone to. */
  readonly went: string[]
}

/** Runs scripts as a browser would that has loaded a page from `url`. */
export function openPage(url: string, cookie: string, scripts: readonly string[], fetcher: typeof fetch): TinyPage {
  const body = new TinyElement('body')
  const went: string[] = []
  const { origin, host, pathname, href } = new URL(url)
  const document = { body, cookie, createElement: (name: string) => new TinyElement(name) }
  const location = { origin, host, pathname, href, assign: (target: string) => went.push(target) }
  const globals = createContext({ document, location, fetch: fetcher, URL, confirm: () => true })
  for (const script of scripts) runInContext(script, globals)
  return { body, went }
}
