/**
 * One look for all who ask: those that come while one is under way share it, and its answer holds for `maxAgeMs` from when it
 * began. So nobody who may ask without a password can make the server work hard.
 */
export function sharedLook<Answer>(maxAgeMs: number, look: () => Promise<Answer>): () => Promise<Answer> {
  let current: { readonly since: number; readonly answer: Promise<Answer> } | undefined
  let underWay = false
  return () => {
    if (current !== undefined && (underWay || performance.now() - current.since < maxAgeMs)) return current.answer
    underWay = true
    const answer = look().finally(() => {
      underWay = false
    })
    current = { since: performance.now(), answer }
    return answer
  }
}
