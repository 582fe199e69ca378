import { type Permission, permissions } from '../../core/permission.ts'
import type { PulpOperations } from '../../wire/pulp/permission.ts'
import type { Field } from '../kit/body-fields.ts'

type PulpOperation = NonNullable<PulpOperations[string]>[number]

const names: Readonly<Record<Permission, PulpOperation>> = {
  create: 'CREATE',
  read: 'READ',
  update: 'UPDATE',
  delete: 'DELETE',
  execute: 'EXECUTE',
}

/** Upper-case and in Pulp's order (pulp2-api §1.6). */
export function toPulpOperations(operations: readonly Permission[]): PulpOperation[] {
  return permissions.filter((one) => operations.includes(one)).map((one) => names[one])
}

const anyCase = (word: string) => [...word].map((letter) => `[${letter}${letter.toUpperCase()}]`).join('')

/** The name of an operation in any case. */
export const operationName: Field<Permission> = {
  schema: { type: 'string', pattern: `^(${permissions.map(anyCase).join('|')})$` },
  read: (value) =>
    typeof value === 'string' ? permissions.find((one) => one.toUpperCase() === value.toUpperCase()) : undefined,
}
