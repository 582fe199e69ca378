import type { TaskReport } from '../clients/pulp-answers.ts'
import { renderLine, renderPlain } from './progress-line.ts'
import { type ProgressView, viewProgress } from './progress-view.ts'
import { Speedometer } from './speedometer.ts'
import type { Terminal } from './terminal.ts'

/** Milliseconds between two lines of one phase in a log. */
const logInterval = 10_000

/** Shows how far tasks are: one line that is redrawn on a terminal, now and then a line in a log. */
export class ProgressDisplay {
  readonly #terminal: Terminal
  readonly #label: string
  readonly #clock: () => number
  readonly #speed = new Speedometer()
  #logged = { at: Number.NEGATIVE_INFINITY, phase: '', text: '' }

  /** `clock` gives milliseconds. */
  constructor(terminal: Terminal, label: string, clock: () => number = Date.now) {
    this.#terminal = terminal
    this.#label = label
    this.#clock = clock
  }

  show(tasks: readonly TaskReport[]): void {
    const view = viewProgress(tasks)
    if (view !== undefined) this.showView(view)
  }

  /** The same for work that is no task. */
  showView(view: ProgressView): void {
    const columns = this.#terminal.columns()
    if (columns === undefined) this.#log(view)
    else this.#draw(view, columns)
  }

  /** Leaves a clean line for what comes next. */
  end(): void {
    if (this.#terminal.columns() !== undefined) this.#terminal.redraw('')
  }

  #draw(view: ProgressView, columns: number): void {
    const rate = view.bytes === undefined ? undefined : this.#speed.measure(this.#clock(), view.bytes.done)
    // A line that fills the last column makes some terminals go to the next one.
    this.#terminal.redraw(renderLine(view, { label: this.#label, rate, width: columns - 1 }))
  }

  #log(view: ProgressView): void {
    const text = renderPlain(view, this.#label)
    const at = this.#clock()
    const isDue = view.phase !== this.#logged.phase || at - this.#logged.at >= logInterval
    if (!isDue || text === this.#logged.text) return
    this.#logged = { at, phase: view.phase, text }
    this.#terminal.note(text)
  }
}
