import type { JsonObject } from '../../core/json.ts'

/** What dnf and yum print when they begin with something → the step as agents of Pulp 2 call it. */
const beginnings: readonly (readonly [RegExp, string])[] = [
  [/^(?:Dependencies resolved|Resolving Dependencies)/, 'Resolving Dependencies'],
  [/^Downloading [Pp]ackages:/, 'Downloading Packages'],
  [/^Running transaction check/, 'Check Package Signatures'],
  [/^Running transaction test/, 'Running Test Transaction'],
  [/^Running transaction\s*$/, 'Running Transaction'],
]
const action = /^\s+(Installing|Upgrading|Updating|Erasing|Removing|Cleanup|Verifying)\s*:\s+(\S+)/

/** The progress of one run of the package command: `{ steps: [[name, true | false | null]], details }`. */
export class PackageSteps {
  readonly #tell: (report: JsonObject) => void
  readonly #steps: [string, boolean | null][] = []
  #details: JsonObject = {}

  constructor(tell: (report: JsonObject) => void) {
    this.#tell = tell
  }

  /** Packages change: it is not stopped any more. */
  get changes(): boolean {
    return this.#steps.some(([name]) => name === 'Running Transaction')
  }

  hear(line: string): void {
    const begun = beginnings.find(([pattern]) => pattern.test(line))?.[1]
    const [, what, which] = action.exec(line) ?? []
    if (begun !== undefined) this.#begin(begun)
    else if (what !== undefined && which !== undefined) this.#details = { action: what, package: which }
    else return
    this.#report()
  }

  end(succeeded: boolean, error?: string): void {
    this.#settle(succeeded)
    this.#details = error === undefined ? {} : { error }
    this.#report()
  }

  #begin(name: string): void {
    this.#settle(true)
    this.#steps.push([name, null])
    this.#details = {}
  }

  #settle(succeeded: boolean): void {
    const last = this.#steps.at(-1)
    if (last !== undefined) last[1] ??= succeeded
  }

  #report(): void {
    this.#tell({ steps: this.#steps.map((step) => [...step]), details: this.#details })
  }
}
