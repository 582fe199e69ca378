/** What one look of the doctor came to. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string
  readonly state: 'ok' | 'warning' | 'problem'
  /** What was found. Never a secret. */
  readonly message: string
  /** What to do about it. */
  readonly remedy?: string
}

export function ok(check: string, message: string): Finding {
  return { check, state: 'ok', message }
}

/** Works, but not as it should. */
export function warning(check: string, message: string, remedy: string): Finding {
  return { check, state: 'warning', message, remedy }
}

/** Does not work, or may lose something. */
export function problem(check: string, message: string, remedy: string): Finding {
  return { check, state: 'problem', message, remedy }
}
