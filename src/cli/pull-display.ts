import type { HostPullReport, PhaseOfPull } from '../clients/rancher-answers.ts'
import { renderLine } from './progress-line.ts'
import type { ProgressView } from './progress-view.ts'
import type { Terminal } from './terminal.ts'

/** Hosts that are shown at once on a terminal. */
const most = 15

/** The more interesting a phase, the earlier its hosts are shown. */
const interest: readonly PhaseOfPull[] = ['pulling', 'failed', 'cancelled', 'waiting', 'done']

/** Shows how far the hosts of a pull are: a bar a host on a terminal, a line in a log for each host that gets further. */
export class PullDisplay {
  readonly #terminal: Terminal
  readonly #logged = new Map<string, string>()

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  show(hosts: readonly HostPullReport[]): void {
    const columns = this.#terminal.columns()
    if (columns === undefined) for (const host of hosts) this.#log(host)
    else this.#terminal.redrawLines(drawHosts(hosts, columns - 1))
  }

  /** Clears the bars, and leaves the lines of a log in their place. */
  end(hosts: readonly HostPullReport[]): void {
    if (this.#terminal.columns() === undefined) return
    this.#terminal.redrawLines([])
    for (const host of hosts) this.#log(host)
  }

  #log(host: HostPullReport): void {
    const text = textOf(host)
    if (this.#logged.get(host.id) === text) return
    this.#logged.set(host.id, text)
    this.#terminal.note(`${nameOf(host)}: ${text}`)
  }
}

/** A line a host, none longer than `width`; where there are too many, the last line counts the others. */
export function drawHosts(hosts: readonly HostPullReport[], width: number): readonly string[] {
  const label = Math.max(...hosts.map((host) => nameOf(host).length), 0)
  const draw = (host: HostPullReport) =>
    renderLine(viewOf(host), { label: nameOf(host).padEnd(Math.min(label, 30)), width })
  if (hosts.length <= most) return hosts.map(draw)
  const order = hosts.toSorted((one, other) => interest.indexOf(one.phase) - interest.indexOf(other.phase))
  return [...order.slice(0, most - 1).map(draw), countOf(order.slice(most - 1)).slice(0, width)]
}

function viewOf(host: HostPullReport): ProgressView {
  const { bytes, totalBytes } = host
  if (host.phase !== 'pulling' || totalBytes === null) return { phase: textOf(host) }
  return { phase: host.phase, bytes: { done: bytes ?? 0, total: totalBytes } }
}

/** Errors of engines may be several lines. */
function textOf({ phase, error }: HostPullReport): string {
  return phase === 'failed' && error !== null ? error.trim().replace(/\s+/g, ' ') : phase
}

function nameOf({ hostName, id }: HostPullReport): string {
  return hostName ?? id
}

function countOf(hosts: readonly HostPullReport[]): string {
  const counts = interest.flatMap((phase) => {
    const count = hosts.filter((host) => host.phase === phase).length
    return count === 0 ? [] : [`${count} ${phase}`]
  })
  return `and ${hosts.length} more: ${counts.join(', ')}`
}
