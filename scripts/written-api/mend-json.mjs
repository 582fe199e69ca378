/**
 * What people break when they write JSON into a document, mended in this order; applied in turn until the text can be parsed.
 * Each rule is [what it mends, pattern, replacement].
 */
const rules = [
  ['an ellipsis that stands for members', /^\s*\.\.\.\s*$/gm, ''],
  ['a comment to the end of the line', /#[^"\n]*$/gm, ''],
  ['a comma after the last member', /,(\s*[}\]])/g, '$1'],
]

/** The value that a broken sample means; throws what JSON.parse says when the rules do not help. */
export function mendJson(text) {
  let mended = text
  for (const [, pattern, replacement] of rules) {
    if (canParse(mended)) break
    mended = mended.replaceAll(pattern, replacement)
  }
  return JSON.parse(mended)
}

function canParse(text) {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
