import type { ContentType } from '../../core/content-type.ts'
import type { Plugins } from '../../core/plugin.ts'
import type { UnitAssociation, UnitParts, UnitView } from '../../core/unit-reader.ts'
import type { PulpUnitAssociation } from '../../wire/pulp/unit.ts'
import { toPulpDate } from './dates.ts'
import { hrefs } from './hrefs.ts'
import { namedObjectId } from './object-id.ts'
import { Projection } from './projection.ts'

/** Prints units, each as its type and the fields that were asked for will have it. */
export class UnitPrinter {
  readonly #types: ReadonlyMap<string, ContentType>
  readonly #fields: Projection

  constructor({ contentTypes }: Plugins, fields?: Iterable<string>) {
    this.#types = new Map(contentTypes.map((type) => [type.id, type]))
    const always = ['_id', '_content_type_id', '_href', 'children', 'repository_memberships']
    this.#fields = new Projection(fields, always)
  }

  /** What has to be read to print units of these types, or of all. Documents only where a field is computed from them. */
  parts(types: Iterable<string> = this.#types.keys()): UnitParts {
    const derived = [...types].flatMap((name) => {
      const type = this.#types.get(name)
      const wanted = Object.keys(type?.derivedFields ?? {}).some((field) => this.#fields.wants(field))
      return wanted ? (type?.documents ?? []) : []
    })
    return { documents: [...new Set(derived)] }
  }

  /** As `/content/units/` shows it alone (pulp2-api §9.1). */
  single(unit: UnitView): object {
    return this.#fields.apply({ ...this.#members(unit), _last_updated: toPulpDate(unit.updated), children: {} })
  }

  /** The same in a list or a search. */
  listed(unit: UnitView): object {
    const memberships = unit.repositories
    return this.#fields.apply({
      ...this.#members(unit),
      _last_updated: toPulpDate(unit.updated),
      children: {},
      _href: hrefs.unit(unit.type, unit.wireId),
      ...(memberships !== undefined && { repository_memberships: memberships }),
    })
  }

  /** As `metadata` of a unit in a repository (pulp2-api §7): its date is a number there. */
  metadata(unit: UnitView): object {
    const seconds = Math.floor(unit.updated.getTime() / 1000)
    return this.#fields.apply({ ...this.#members(unit), _ns: `units_${unit.type}`, _last_updated: seconds })
  }

  #members(unit: UnitView): object {
    return {
      ...unit.metadata,
      ...this.#derived(unit),
      _id: unit.wireId,
      _content_type_id: unit.type,
      ...(unit.storage !== undefined && { _storage_path: unit.storage.path, downloaded: unit.storage.downloaded }),
      pulp_user_metadata: unit.userMetadata,
    }
  }

  #derived({ type, documents, metadata }: UnitView): Record<string, unknown> {
    const functions = Object.entries(this.#types.get(type)?.derivedFields ?? {})
    const wanted = functions.filter(([name]) => this.#fields.wants(name))
    return Object.fromEntries(wanted.map(([name, compute]) => [name, compute(documents, metadata)]))
  }
}

const always = ['_id', 'unit_id', 'unit_type_id', 'metadata']

/** Prints units in a repository; `fields` are those of the association. */
export class AssociationPrinter {
  readonly #units: UnitPrinter
  readonly #fields: Projection

  constructor(units: UnitPrinter, fields?: Iterable<string>) {
    this.#units = units
    this.#fields = new Projection(fields, always)
  }

  print({ repositoryId, unit, created, updated }: UnitAssociation): object {
    return this.#fields.apply({
      _id: { $oid: namedObjectId('unit_association', `${repositoryId}:${unit.wireId}`) },
      repo_id: repositoryId,
      unit_id: unit.wireId,
      unit_type_id: unit.type,
      created: toPulpDate(created),
      updated: toPulpDate(updated),
      metadata: this.#units.metadata(unit),
    } satisfies Omit<PulpUnitAssociation, 'metadata'> & { metadata: object })
  }
}
