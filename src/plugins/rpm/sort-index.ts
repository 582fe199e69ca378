/**
 * A version as a text that sorts like the version when texts are compared (pulp2-types §5.1): a run of digits becomes its
 * length without leading zeros, a dash and the digits; a run of letters `$` and the letters; joined by dots. `0.3` → `01-0.01-3`.
 */
export function sortIndex(version: string): string {
  const runs = version.match(/[0-9]+|[A-Za-z]+/g) ?? []
  return runs.map((run) => (/^[0-9]/.test(run) ? numberIndex(run) : `$${run}`)).join('.')
}

function numberIndex(run: string): string {
  const digits = run.replace(/^0+(?=.)/, '')
  return `${String(digits.length).padStart(2, '0')}-${digits}`
}
