import { type Permission, permissions } from '../../core/permission.ts'

/** Operations as the database keeps them: one bit each, in their order. */
export function toBits(operations: readonly Permission[]): number {
  return operations.reduce((bits, operation) => bits | (1 << permissions.indexOf(operation)), 0)
}

export function fromBits(bits: number): readonly Permission[] {
  return permissions.filter((_, index) => (bits & (1 << index)) !== 0)
}
