/** What went wrong, as one line. Errors of node that try several addresses have an empty message of their own. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return oneLine(error.message === '' ? code : error.message)
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim()
}
