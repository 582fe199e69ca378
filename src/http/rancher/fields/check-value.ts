import type { Json } from '../../../core/json.ts'
import { RancherError } from '../errors.ts'
import type { Field } from '../schema/field.ts'

/** Holds a converted value against the limits of its field; throws 422 with the code of the first that it breaks (rancher-api §1.12). */
export function checkValue(name: string, field: Field, value: Json): void {
  if (field.options !== undefined && !field.options.some((option) => option === value)) {
    throw RancherError.field('InvalidOption', name, `${name} must be one of ${field.options.join(', ')}`)
  }
  if (typeof value === 'string') checkText(name, field, value)
  if (typeof value === 'number') checkNumber(name, field, value)
}

function checkText(name: string, field: Field, value: string): void {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = field
  if (value.length > maxLength) throw limit('MaxLengthExceeded', name, `at most ${maxLength} characters long`)
  if (value.length < minLength) throw limit('MinLengthExceeded', name, `at least ${minLength} characters long`)
  checkCharacters(name, field, value)
  if (field.pattern?.test(value) === false) throw limit('InvalidFormat', name, 'of another form')
}

function checkCharacters(name: string, { validChars, invalidChars }: Field, value: string): void {
  const isValid = validChars === undefined || new RegExp(`^[${validChars}]*$`, 'u').test(value)
  const isInvalid = invalidChars !== undefined && new RegExp(`[${invalidChars}]`, 'u').test(value)
  if (!isValid || isInvalid) throw limit('InvalidCharacters', name, 'of other characters')
}

function checkNumber(name: string, field: Field, value: number): void {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = field
  if (value > max) throw limit('MaxLimitExceeded', name, `${max} at most`)
  if (value < min) throw limit('MinLimitExceeded', name, `${min} at least`)
}

function limit(code: string, name: string, rule: string): RancherError {
  return RancherError.field(code, name, `${name} must be ${rule}`)
}
