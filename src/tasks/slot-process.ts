import { type ChildProcess, fork } from 'node:child_process'
import { isFetchedReport, isSlotReport, type SlotOrder } from './slot-messages.ts'

/**
 * Half of what V8 gives new objects, MiB: with 2 it looks for living ones twice as often while a large repository is read; with 8 or the
 * default of 16 that takes 15 to 40 MB more at its peak.
 */
const youngMegabytes = 4
/**
 * Where V8 first marks the whole heap, MiB. Without it a cap makes it mark from 4 MiB on, six times as often. With 64 a sync of
 * 50,000 packages takes a quarter less CPU, and 28 MB more, which is beyond its bar (docs/benchmarks.md).
 */
const firstOldMegabytes = 36

/** Of glibc; by default each thread that compresses or hashes gets one, whose freed memory the others cannot use: 20 MB. */
const mostArenas = '1'

/**
 * Of libuv; with its four, flushes that wait for the disk leave none to write what arrives (docs/benchmarks.md, sync-and-publish).
 */
const fileThreads = '16'

export interface SlotOptions {
  /** Module that calls `runSlot`; its first argument is the worker's name. */
  readonly entry: string
  /** Cap of the JavaScript heap, MiB: a bomb kills the slot, not the server. */
  readonly heapMegabytes: number
  /** How long a slot without work lives. */
  readonly idleMs: number
  readonly env?: NodeJS.ProcessEnv
  /** Where its standard output and error go; default this process's own. */
  readonly output?: 'inherit' | 'ignore'
}

export interface SlotListener {
  changed(slot: SlotProcess): void
  exited(slot: SlotProcess): void
  /** So many bytes have come from upstreams. */
  fetched(bytes: number): void
}

/** One worker process, seen from its parent. */
export class SlotProcess {
  readonly number: number
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>
  readonly #child: ChildProcess
  readonly #idleMs: number
  #state: 'starting' | 'idle' | 'busy' = 'starting'
  #retirement: NodeJS.Timeout | undefined

  constructor(number: number, name: string, options: SlotOptions, listener: SlotListener) {
    this.number = number
    this.#idleMs = options.idleMs
    const output = options.output ?? 'inherit'
    this.#child = fork(options.entry, [name], {
      execArgv: [
        `--max-old-space-size=${options.heapMegabytes}`,
        `--initial-old-space-size=${firstOldMegabytes}`,
        `--max-semi-space-size=${youngMegabytes}`,
      ],
      env: { MALLOC_ARENA_MAX: mostArenas, UV_THREADPOOL_SIZE: fileThreads, ...(options.env ?? process.env) },
      stdio: ['ignore', output, output, 'ipc'],
    })
    this.#child.on('message', (message) => this.#heard(message, listener))
    this.gone = new Promise<void>((resolve) => {
      // `error` alone when the process could not be started, `exit` alone otherwise.
      this.#child.once('error', () => resolve())
      this.#child.once('exit', () => resolve())
    }).then(() => {
      clearTimeout(this.#retirement)
      listener.exited(this)
    })
  }

  get state(): 'starting' | 'idle' | 'busy' {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Why it is gone, for the log; undefined while it is there and after an orderly end. */
  get failure(): string | undefined {
    const { signalCode, exitCode } = this.#child
    if (exitCode === 0) return undefined
    return signalCode ?? (exitCode === null ? undefined : `exit code ${exitCode}`)
  }

  order(order: SlotOrder): void {
    // A process that is just dying cannot be told; its exit is what counts then.
    if (this.#child.connected) this.#child.send(order, () => undefined)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #heard(message: unknown, listener: SlotListener): void {
    if (isFetchedReport(message)) listener.fetched(message.fetched)
    if (!isSlotReport(message)) return
    this.#state = message
    clearTimeout(this.#retirement)
    if (message === 'idle') this.#retirement = setTimeout(() => this.order('retire'), this.#idleMs)
    listener.changed(this)
  }
}
