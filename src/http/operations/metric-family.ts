import { durationBounds, type RequestMeter } from '../kit/request-meter.ts'

type Labels = Readonly<Record<string, string | number>>

/** A metric with its samples, as prom-client hands it from process to process; plain data. */
export interface MetricFamily {
  readonly name: string
  readonly help: string
  /** `counter`, `gauge` or `histogram`. */
  readonly type: string
  readonly values: readonly MetricSample[]
  /** How samples with equal labels become one; ours never have equal ones. */
  readonly aggregator: 'sum'
}

interface MetricSample {
  /** Where it is not the family's own: `…_bucket`. */
  readonly metricName?: string
  readonly value: number
  readonly labels: Labels
}

/** What another process of this program calls its families. */
export function isFamilies(value: unknown): value is readonly MetricFamily[] {
  return (
    Array.isArray(value) && value.every((family) => typeof family === 'object' && family !== null && 'values' in family)
  )
}

export function gauge(name: string, help: string, values: readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'gauge', values, aggregator: 'sum' }
}

/** `name` ends in `_total`. */
export function counter(name: string, help: string, values: readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'counter', values, aggregator: 'sum' }
}

export function sample(value: number, labels: Labels = {}): MetricSample {
  return { value, labels }
}

/** Requests and their durations, by the surface that answered: `api`, `content`. */
export function requestFamilies(meters: Readonly<Record<string, RequestMeter>>): readonly MetricFamily[] {
  const surfaces = Object.entries(meters)
  const counts = surfaces.flatMap(([surface, meter]) =>
    meter.requests.map(({ requests, method, status }) => sample(requests, { surface, method, status })),
  )
  const durations = surfaces.flatMap(([surface, meter]) =>
    histogram('deckle_http_request_duration_seconds', surface, meter),
  )
  return [
    counter('deckle_http_requests_total', 'Requests that were answered.', counts),
    {
      name: 'deckle_http_request_duration_seconds',
      help: 'From the head of a request until the last byte of its answer was handed to the system.',
      type: 'histogram',
      values: durations,
      aggregator: 'sum',
    },
  ]
}

/** Buckets are cumulative (Prometheus text format). */
function histogram(name: string, surface: string, meter: RequestMeter): readonly MetricSample[] {
  let total = 0
  const buckets = meter.durations.map((requests, index) => {
    total += requests
    return { metricName: `${name}_bucket`, value: total, labels: { surface, le: durationBounds[index] ?? '+Inf' } }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, value: meter.seconds, labels: { surface } },
    { metricName: `${name}_count`, value: total, labels: { surface } },
  ]
}
