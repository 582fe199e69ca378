/** Puts values in the place of `<name>` in a path or a tag. */
export function fill(template: string, at: Readonly<Record<string, string>> = {}): string {
  return template.replaceAll(/<(\w+)>/g, (_, name: string) => {
    const value = at[name]
    if (value === undefined) throw new Error(`nothing is given for <${name}> of ${template}`)
    return value
  })
}

/** A sample with other names: every string and every key that is the name or a path of it is replaced. */
export function rename(sample: unknown, names: Readonly<Record<string, string>> = {}): unknown {
  if (typeof sample === 'string') return names[sample] ?? sample
  if (Array.isArray(sample)) return sample.map((entry) => rename(entry, names))
  if (typeof sample !== 'object' || sample === null) return sample
  return Object.fromEntries(Object.entries(sample).map(([key, value]) => [names[key] ?? key, rename(value, names)]))
}
