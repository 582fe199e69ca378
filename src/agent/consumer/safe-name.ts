/** As the name of one file: no folder, not hidden, no two names the same. */
export function safeName(name: string): string {
  const escaped = name.replaceAll(/[^\w.-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return escaped.replace(/^\./, '%002e').slice(0, 200)
}
