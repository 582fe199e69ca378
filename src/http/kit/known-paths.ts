interface KnownPath {
  readonly path: string
  readonly segments: readonly string[]
  /** A digit a segment, 1 for parameters: of paths that stand for the same, routers prefer the smallest. */
  readonly rank: string
  readonly methods: readonly string[]
}

/** A path whose requests with some methods a router would take for those of a more general path (`/a/b/` for `/a/:x/`). */
export interface Overshadowed {
  readonly path: string
  /** Its own methods. */
  readonly methods: readonly string[]
  /** Those that it lacks and the more general path has. */
  readonly foreign: readonly string[]
}

/** The paths of an API with their parameters (`:name`), and the methods of each. */
export class KnownPaths {
  readonly #paths: KnownPath[] = []

  add(path: string, methods: readonly string[]): void {
    const segments = path.split('/')
    const rank = segments.map((segment) => (isParameter(segment) ? 1 : 0)).join('')
    this.#paths.push({ path, segments, rank, methods })
  }

  /** The methods of the path, of all that stand for a request's, that a router would choose. Undefined when none does. */
  methodsAt(decodedPath: string): readonly string[] | undefined {
    const segments = decodedPath.split('/')
    const candidates = this.#paths.filter((known) => standsFor(known.segments, segments))
    return candidates.toSorted((a, b) => (a.rank < b.rank ? -1 : 1))[0]?.methods
  }

  overshadowed(): readonly Overshadowed[] {
    return this.#paths.flatMap(({ path, segments, methods }) => {
      const general = this.#paths.filter((known) => standsFor(known.segments, segments))
      const foreign = new Set(general.flatMap((known) => known.methods)).difference(new Set(methods))
      return foreign.size === 0 ? [] : [{ path, methods, foreign: [...foreign] }]
    })
  }
}

/** Whether every segment is that of the path or a parameter, which is never empty. */
function standsFor(general: readonly string[], segments: readonly string[]): boolean {
  if (general.length !== segments.length) return false
  return general.every(
    (segment, index) => segment === segments[index] || (isParameter(segment) && segments[index] !== ''),
  )
}

function isParameter(segment: string): boolean {
  return segment.startsWith(':')
}
