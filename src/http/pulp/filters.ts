import type { Filter } from '../../core/criteria.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { badCriteria } from './bad-criteria.ts'
import { isOperatorDocument, literal, readOperator } from './filter-operators.ts'

const maxDepth = 20
const maxParts = 1000
const maxSegments = 20

const logic: Readonly<Record<string, (filters: readonly Filter[]) => Filter>> = {
  $and: (filters) => ({ kind: 'all', filters }),
  $or: (filters) => ({ kind: 'any', filters }),
  $nor: (filters) => ({ kind: 'not', filter: { kind: 'any', filters } }),
}

/** A MongoDB query document (pulp2-api §4.1). Throws kind `invalid`, code `bad-criteria`, for what it cannot say. */
export function fromPulpFilters(document: JsonObject): Filter {
  return new FilterReader().document(document, maxDepth)
}

/** Reads one query document, counting its parts. */
class FilterReader {
  #parts = 0

  document(document: JsonObject, depth: number): Filter {
    if (depth === 0) throw badCriteria(`filters nest deeper than ${maxDepth} levels`)
    const filters = Object.entries(document).map(([key, value]) =>
      key.startsWith('$') ? this.#logical(key, value, depth) : this.#field(fieldPath(key), value, depth),
    )
    const [only] = filters
    return only !== undefined && filters.length === 1 ? only : { kind: 'all', filters }
  }

  /** What operators say of the values at a path. */
  operators(path: readonly string[], document: JsonObject, depth: number): Filter {
    if (depth === 0) throw badCriteria(`filters nest deeper than ${maxDepth} levels`)
    const filters = Object.keys(document).flatMap((operator) => {
      this.#add(1)
      return readOperator({ reader: this, path, document, depth: depth - 1 }, operator) ?? []
    })
    const [only] = filters
    return only !== undefined && filters.length === 1 ? only : { kind: 'all', filters }
  }

  #logical(operator: string, value: Json, depth: number): Filter {
    const combine = Object.hasOwn(logic, operator) ? logic[operator] : undefined
    if (combine === undefined) throw badCriteria(`there is no operator ${operator} here`)
    if (!Array.isArray(value) || value.length === 0 || !value.every(isJsonObject)) {
      throw badCriteria(`${operator} needs a list of filters`)
    }
    return combine(value.map((one) => this.document(one, depth - 1)))
  }

  #field(path: readonly string[], value: Json, depth: number): Filter {
    this.count(path)
    if (isOperatorDocument(value)) return this.operators(path, value, depth)
    return { kind: 'field', path, test: { op: 'equals', value: literal(value) } }
  }

  /** Each segment of a path is a part, and a test without any is one too. */
  count(path: readonly string[]): void {
    this.#add(Math.max(1, path.length))
  }

  #add(parts: number): void {
    this.#parts += parts
    if (this.#parts > maxParts) throw badCriteria(`filters have more than ${maxParts} parts`)
  }
}

function fieldPath(name: string): readonly string[] {
  const path = name.split('.')
  if (path.length > maxSegments) throw badCriteria(`a field name has more than ${maxSegments} segments`)
  return path
}
