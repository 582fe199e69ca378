import type { PublishDescription, PublishProgress, PublishRun } from '../../core/distributor.ts'
import type { JsonObject } from '../../core/json.ts'
import type { PartState } from '../../core/sync-progress.ts'

/** The steps of pulp2-types §5.9 in their order: our name, the name on the wire (which repeats), what it says to people. */
const steps = [
  { name: 'initialize', type: 'initialize_repo_metadata', description: 'Initializing repo metadata' },
  { name: 'distribution', type: 'distribution', description: 'Publishing distribution files' },
  { name: 'rpms', type: 'rpms', description: 'Publishing RPMs' },
  { name: 'drpms', type: 'drpms', description: 'Publishing delta RPMs' },
  { name: 'errata', type: 'errata', description: 'Publishing errata' },
  { name: 'modules', type: 'modules', description: 'Publishing modules' },
  { name: 'comps', type: 'comps', description: 'Publishing comps file' },
  { name: 'metadata', type: 'metadata', description: 'Publishing custom metadata files' },
  { name: 'close', type: 'close_repo_metadata', description: 'Closing repo metadata' },
  { name: 'sqlite', type: 'generate sqlite', description: 'Generating sqlite files' },
  { name: 'repoview', type: 'repoview', description: 'Generating repoview files' },
  { name: 'publish', type: 'publish_directory', description: 'Making the publication live' },
  { name: 'listing', type: 'initialize_repo_metadata', description: 'Writing listing files' },
] as const
/** Of exports besides. */
const exportSteps = [
  { name: 'images', type: 'export_iso', description: 'Exporting ISO' },
  { name: 'export', type: 'export_directory', description: 'Exporting to a folder' },
]
type StepName = (typeof steps)[number]['name']
/** The steps of what there is beside packages. */
const contentSteps = ['drpms', 'errata', 'modules', 'comps', 'metadata'] as const
export type ContentStep = (typeof contentSteps)[number]

const states: Readonly<Record<PartState, string>> = {
  'not-started': 'NOT_STARTED',
  'in-progress': 'IN_PROGRESS',
  finished: 'FINISHED',
  failed: 'FAILED',
  skipped: 'SKIPPED',
  cancelled: 'CANCELLED',
}

/** Walks a publish through its steps. */
export class YumPublishSteps {
  readonly #run: Pick<PublishRun<unknown>, 'step'>
  readonly #packages: number
  #passed = 0
  readonly #advanced = new Map<StepName, number>()
  readonly #written = new Set<ContentStep>()

  constructor(run: Pick<PublishRun<unknown>, 'step'>, packages: number, trees: number) {
    this.#run = run
    this.#packages = packages
    for (const { name } of steps) run.step(name, 'not-started', { total: name === 'rpms' ? packages : 1, done: 0 })
    this.#finish('initialize', 1)
    this.#finish('distribution', trees)
    this.#run.step('rpms', 'in-progress', { total: packages, done: 0 })
  }

  packagesPassed(packages: number): void {
    this.#passed += packages
    this.#run.step('rpms', 'in-progress', { total: this.#packages, done: this.#passed })
  }

  packagesWritten(): void {
    this.#finish('rpms', this.#packages)
  }

  contentWritten(step: ContentStep, units: number): void {
    this.#written.add(step)
    this.#finish(step, units)
  }

  /** Of what there was none, delta packages are skipped, as originally; the others are finished. */
  contentsWritten(): void {
    for (const step of contentSteps) {
      if (this.#written.has(step)) continue
      if (step === 'drpms') this.#run.step(step, 'skipped')
      else this.#finish(step, 0)
    }
    this.#run.step('close', 'in-progress')
  }

  databasesAdvanced(packages: number): void {
    this.#advance('sqlite', packages)
  }

  databasesWritten(wanted: boolean): void {
    this.#finishIf(wanted, 'sqlite')
  }

  repoviewAdvanced(packages: number): void {
    this.#advance('repoview', packages)
  }

  repoviewWritten(wanted: boolean): void {
    this.#finishIf(wanted, 'repoview')
  }

  /** The core ends the last steps when the publication is live. */
  repomdWritten(): void {
    this.#finish('close', 1)
    this.#run.step('publish', 'in-progress')
    this.#run.step('listing', 'in-progress')
  }

  /** Of a step that looks at every package. */
  #advance(name: StepName, packages: number): void {
    const done = (this.#advanced.get(name) ?? 0) + packages
    this.#advanced.set(name, done)
    this.#run.step(name, 'in-progress', { total: this.#packages, done })
  }

  #finishIf(wanted: boolean, name: StepName): void {
    if (wanted) this.#finish(name, this.#packages)
    else this.#run.step(name, 'skipped')
  }

  #finish(name: StepName, items: number): void {
    this.#run.step(name, 'in-progress', { total: items, done: 0 })
    this.#run.step(name, 'finished', { total: items, done: items })
  }
}

/** A list of steps; also the history's details, and in short its summary (pulp2-types §3). */
export function describeYumPublish(progress: PublishProgress): PublishDescription {
  const report = progress.steps.map((step) => stepObject(step, progress.error))
  const summary = Object.fromEntries(report.map(({ step_type: type, state }) => [type, state]))
  return { report, summary, details: report }
}

/** A step for each repository of a group. */
export function describeGroupExport(progress: PublishProgress): readonly JsonObject[] {
  return progress.steps.map((step) => ({
    ...stepObject(step, progress.error),
    step_type: 'export_repository',
    description: `Exporting repository ${step.name}`,
  }))
}

function stepObject(step: PublishProgress['steps'][number], error: string | undefined) {
  const known = [...steps, ...exportSteps].find(({ name }) => name === step.name)
  const processed = step.state === 'finished' ? step.total : step.done
  const failed = step.state === 'failed' && error !== undefined
  return {
    step_id: step.id,
    step_type: known?.type ?? step.name,
    description: known?.description ?? step.name,
    details: '',
    state: states[step.state],
    items_total: step.total,
    num_processed: processed,
    num_success: processed,
    num_failures: 0,
    error_details: failed ? [{ error, traceback: '' }] : [],
  } satisfies JsonObject
}
