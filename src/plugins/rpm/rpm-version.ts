/** What orders the builds of a package. */
export interface Evr {
  readonly epoch: string
  readonly version: string
  readonly release: string
}

/** Negative when `one` is older than `two`, zero when neither is, positive when it is newer. */
export function compareEvr(one: Evr, two: Evr): number {
  const epochs = Number(one.epoch) - Number(two.epoch)
  if (epochs !== 0) return epochs
  return compareVersions(one.version, two.version) || compareVersions(one.release, two.release)
}

const digits = /[0-9]*/y
const letters = /[A-Za-z]*/y
const separators = /[^0-9A-Za-z~^]*/y

/**
 * The order of versions as rpm has it (rpm-version(7)): runs of digits are compared as numbers and are newer than runs of letters,
 * other characters only separate, `~` is older than the end of the version, `^` newer than the end but older than anything else.
 */
export function compareVersions(one: string, two: string): number {
  if (one === two) return 0
  let [at, other] = [0, 0]
  while (true) {
    at += runAt(separators, one, at).length
    other += runAt(separators, two, other).length
    const [first, second] = [one.charAt(at), two.charAt(other)]
    if (first === '~' || second === '~' || first === '^' || second === '^') {
      if (first !== second) return compareMarks(first, second)
      at += 1
      other += 1
      continue
    }
    if (first === '' || second === '') return Number(first !== '') - Number(second !== '')
    const kind = first >= '0' && first <= '9' ? digits : letters
    const [run, otherRun] = [runAt(kind, one, at), runAt(kind, two, other)]
    if (otherRun === '') return kind === digits ? 1 : -1
    const order = kind === digits ? compareNumbers(run, otherRun) : compareText(run, otherRun)
    if (order !== 0) return order
    at += run.length
    other += otherRun.length
  }
}

/** Two different characters of which one is `~` or `^`; empty is the end. */
function compareMarks(first: string, second: string): number {
  if (first === '~') return -1
  if (second === '~') return 1
  if (first === '^') return second === '' ? 1 : -1
  return first === '' ? -1 : 1
}

function runAt(kind: RegExp, text: string, at: number): string {
  kind.lastIndex = at
  return kind.exec(text)?.[0] ?? ''
}

/** Of any length. */
function compareNumbers(one: string, two: string): number {
  const [first, second] = [one.replace(/^0+/, ''), two.replace(/^0+/, '')]
  return first.length - second.length || compareText(first, second)
}

function compareText(one: string, two: string): number {
  if (one === two) return 0
  return one < two ? -1 : 1
}
