/**
 * Old clients send doubled slashes (`…/history//sync/`) and expect them to count as one (pulp2-api §1.1). The query is left as
 * it is.
 */
export function collapseSlashes(target: string): string {
  const [path, query] = splitTarget(target)
  return path.replace(/\/{2,}/g, '/') + query
}

/** Path, and query with its question mark (empty without one). */
export function splitTarget(target: string): readonly [path: string, query: string] {
  const mark = target.indexOf('?')
  return mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark)]
}
