/** Name → position, of the units of one type. */
export type HeldPositions = ReadonlyMap<string, string>

const digits = 12
/** Between two units, so that others find room there. */
const gap = 1_000_000
/** Of what comes after everything that upstream lists. */
export const lastPosition = '9'.repeat(digits)

/**
 * A position for each name, ascending as text. Names that have one in `held` keep it, so that a group more upstream is one change and
 * not one of all that follow; only where upstream has another order, or no room is left, all get new ones.
 */
export function positionsOf(names: readonly string[], held: HeldPositions): ReadonlyMap<string, string> {
  const positions = between(names, held) ?? names.map((_, index) => (index + 1) * gap)
  return new Map(names.map((name, index) => [name, String(positions[index]).padStart(digits, '0')]))
}

/** Undefined when not all of `held` can stay. */
function between(names: readonly string[], held: HeldPositions): readonly number[] | undefined {
  const positions: number[] = []
  let fresh = 0
  for (const name of names) {
    const to = toNumber(held.get(name))
    fresh += 1
    if (to === undefined) continue
    if (!fill(positions, fresh, to)) return undefined
    fresh = 0
  }
  return fill(positions, fresh, (positions.at(-1) ?? 0) + fresh * gap) ? positions : undefined
}

/** Adds that many positions, as far apart as can be, the last one at `to`; false when there is no room. */
function fill(positions: number[], count: number, to: number): boolean {
  const from = positions.at(-1) ?? 0
  const step = Math.floor((to - from) / count)
  if (count > 0 && (step < 1 || to >= Number(lastPosition))) return false
  for (let one = 1; one < count; one += 1) positions.push(from + one * step)
  if (count > 0) positions.push(to)
  return true
}

/** What was uploaded stands last; upstream decides where it does now. */
function toNumber(position: string | undefined): number | undefined {
  return position === undefined || position === lastPosition ? undefined : Number(position)
}
