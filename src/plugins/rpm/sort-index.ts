/**
 * A version as a text that sorts like the version when texts are compared (pulp2-types §5.1): a run of digits becomes its
 * length without leading zeros, a dash and the digits; a run of letters `$` and the letters; joined by dots. `0.3` → `01-0.01-3`.
 */
export function sortIndex(version: string): string {
  let index = ''
  for (let at = 0; at < version.length; ) {
    const kind = kindOf(version.charCodeAt(at))
    let end = at + 1
    while (end < version.length && kindOf(version.charCodeAt(end)) === kind) end += 1
    if (kind !== 'other') index += `${index === '' ? '' : '.'}${runIndex(kind, version.slice(at, end))}`
    at = end
  }
  return index
}

function kindOf(code: number): 'digit' | 'letter' | 'other' {
  if (code >= 0x30 && code <= 0x39) return 'digit'
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x7a ? 'letter' : 'other'
}

function runIndex(kind: 'digit' | 'letter', run: string): string {
  if (kind === 'letter') return `$${run}`
  let zeros = 0
  while (zeros < run.length - 1 && run.charCodeAt(zeros) === 0x30) zeros += 1
  const length = run.length - zeros
  return `${length < 10 ? '0' : ''}${length}-${run.slice(zeros)}`
}
