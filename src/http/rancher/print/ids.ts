import type { View } from '../schema/view.ts'
import { letters } from '../types/letters.ts'

type IdView = Pick<View, 'plainIds'>

/** `1pt5`; `5` for administrators who want plain ids (rancher-api §1.7). */
export function formatId(type: string, key: number, { plainIds }: IdView): string {
  return plainIds ? String(key) : `1${letters[type] ?? ''}${key}`
}

export function formatReference(type: string, key: number | null, view: IdView): string | null {
  return key === null ? null : formatId(type, key, view)
}

/** The number of an id. The letters are not checked: `1zz5` and `1h5` both mean 5 of the type in question. */
export function parseId(text: string): number | undefined {
  const digits = /^1[a-z]+(\d{1,16})$/i.exec(text)?.[1]
  const key = Number(digits)
  return digits !== undefined && Number.isSafeInteger(key) ? key : undefined
}
