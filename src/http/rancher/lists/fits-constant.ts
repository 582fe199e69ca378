import type { Modifier } from '../schema/modifiers.ts'

/** Whether a value that all rows share fulfils a condition; null fulfils only `null`, as in SQL. */
export function fitsConstant(constant: string | null, modifier: Modifier, value: string): boolean {
  if (modifier === 'null' || modifier === 'notnull') return (constant === null) === (modifier === 'null')
  if (constant === null) return false
  if (modifier === 'eq') return constant === value
  if (modifier === 'ne') return constant !== value
  if (modifier === 'prefix') return constant.startsWith(value)
  return isLike(constant, value) === (modifier === 'like')
}

/** SQL's LIKE without an escape: `%` is any text, `_` one character. In steps, so that no pattern is slow. */
function isLike(text: string, pattern: string): boolean {
  let at = 0
  let from = 0
  let star = -1
  let resume = 0
  while (at < text.length) {
    if (pattern[from] === '%') {
      star = from++
      resume = at
    } else if (pattern[from] === '_' || pattern[from] === text[at]) {
      from++
      at++
    } else if (star >= 0) {
      from = star + 1
      at = ++resume
    } else return false
  }
  return /^%*$/.test(pattern.slice(from))
}
