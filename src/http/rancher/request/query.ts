/** The query of a request, in its order. */
export interface Query {
  /** The last of this name. */
  get(name: string): string | undefined
  all(name: string): readonly string[]
  readonly entries: readonly (readonly [name: string, value: string])[]
  /** The same without these names, and then these; with its question mark, empty without entries. */
  with(change: Readonly<Record<string, string | null>>): string
}

/** `text` with or without its question mark. Escapes that are none stay as they are. */
export function readQuery(text: string): Query {
  const entries = [...new URLSearchParams(text)]
  const all = (name: string) => entries.filter(([key]) => key === name).map(([, value]) => value)
  return {
    entries,
    all,
    get: (name) => all(name).at(-1),
    with(change) {
      const kept = entries.filter(([name]) => !Object.hasOwn(change, name))
      const added = Object.entries(change).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))
      const printed = new URLSearchParams([...kept, ...added] as [string, string][]).toString()
      return printed === '' ? '' : `?${printed}`
    },
  }
}
