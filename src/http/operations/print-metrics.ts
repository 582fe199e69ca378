import type { MetricFamily } from './metric-family.ts'

/**
 * Metrics of all processes as Prometheus text. The library is loaded by the first scrape and not before: it takes memory that a
 * server whom nobody scrapes does not need.
 */
export async function printMetrics(processes: readonly (readonly MetricFamily[])[]): Promise<string> {
  const { AggregatorRegistry } = await loadLibrary()
  const full = processes.map((families) => families.filter((family) => family.values.length > 0))
  return AggregatorRegistry.aggregate(full).metrics()
}

let watched: ReturnType<typeof watchProcess> | undefined

/** Memory, processor time, event loop and open files of this process. */
export async function processFamilies(): Promise<readonly MetricFamily[]> {
  watched ??= watchProcess()
  const families = await (await watched).getMetricsAsJSON()
  return families.map(({ name, help, type, values }) => {
    const plain = values.map((value) => ({ ...value, labels: labelsOf(value.labels) }))
    return { name, help, type: String(type), values: plain, aggregator: 'sum' }
  })
}

/** From the first scrape on. */
async function watchProcess() {
  const { Registry, collectDefaultMetrics } = await loadLibrary()
  const register = new Registry()
  collectDefaultMetrics({ register })
  return register
}

/** A CommonJS package has its members in `default` both in Node and in our bundle, which has them nowhere else. */
async function loadLibrary() {
  return (await import('prom-client')).default
}

function labelsOf(labels: Readonly<Record<string, string | number | undefined>>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** The same families with the label `process` on every sample: sums of counters that start anew one by one would jump. */
export function ofProcess(families: readonly MetricFamily[], process: string): readonly MetricFamily[] {
  return families.map((family) => ({
    ...family,
    values: family.values.map((value) => ({ ...value, labels: { process, ...value.labels } })),
  }))
}
