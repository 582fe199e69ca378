/** Names lead no deeper; what is below is whole. */
const maxDepth = 20

/** Which members of objects are printed, by dotted names; all when there are no names. Paths lead through arrays, as in MongoDB. */
export class Projection {
  readonly #members: ReadonlyMap<string, Projection> | undefined

  /** `always` are there whatever was asked for. */
  constructor(names: Iterable<string> | undefined, always: readonly string[] = [], depth = maxDepth) {
    if (names !== undefined && depth > 0) this.#members = membersOf([...names, ...always], depth)
  }

  /** Whether any part of a member is printed. */
  wants(name: string): boolean {
    return this.#members === undefined || this.#members.has(name)
  }

  apply(object: object): object {
    const members = this.#members
    if (members === undefined) return object
    const kept = Object.entries(object).flatMap(([name, value]) => {
      const member = members.get(name)
      const part = member === undefined ? undefined : member.#inside(value)
      return part === undefined ? [] : [[name, part] as const]
    })
    return Object.fromEntries(kept)
  }

  /** Undefined when nothing is left of it. */
  #inside(value: unknown): unknown {
    if (this.#members === undefined) return value
    if (Array.isArray(value)) return value.map((item) => this.#inside(item)).filter((item) => item !== undefined)
    return typeof value === 'object' && value !== null ? this.apply(value) : undefined
  }
}

/** A name counts for more than one of its parts. */
function membersOf(names: readonly string[], depth: number): ReadonlyMap<string, Projection> {
  const parts = Map.groupBy(names, (name) => name.split('.', 1)[0] ?? name)
  return new Map(
    [...parts].map(([member, paths]) => {
      const inner = paths.includes(member) ? undefined : paths.map((path) => path.slice(member.length + 1))
      return [member, new Projection(inner, [], depth - 1)]
    }),
  )
}
