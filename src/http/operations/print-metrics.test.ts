import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RequestMeter } from '../kit/request-meter.ts'
import { counter, gauge, requestFamilies, sample } from './metric-family.ts'
import { ofProcess, printMetrics, processFamilies } from './print-metrics.ts'

describe('metrics', () => {
  it('are printed as Prometheus reads them, with cumulative buckets', async () => {
    const meter = new RequestMeter()
    meter.count('GET', 200, 0.5)
    meter.count('GET', 404, 30)
    meter.count('BREW', 418, 90_000)
    const text = await printMetrics([requestFamilies({ api: meter })])
    const lines = text.split('\n')
    assert.ok(lines.includes('# TYPE deckle_http_requests_total counter'))
    assert.ok(lines.includes('deckle_http_requests_total{surface="api",method="GET",status="2xx"} 1'))
    assert.ok(lines.includes('deckle_http_requests_total{surface="api",method="other",status="4xx"} 1'))
    const buckets = lines.filter((line) => line.includes('_bucket')).map((line) => line.split(' ').at(-1))
    assert.deepEqual(buckets, ['1', '1', '1', '2', '2', '2', '2', '2', '3'])
    assert.ok(lines.includes('deckle_http_request_duration_seconds_count{surface="api"} 3'))
  })

  it('of several processes stand side by side under one name', async () => {
    const families = (value: number) => [counter('deckle_things_total', 'Things.', [sample(value)])]
    const text = await printMetrics([
      ofProcess(families(1), 'main'),
      ofProcess(families(2), 'content-1'),
      [gauge('deckle_empty', 'Nothing is known.', [])],
    ])
    assert.match(text, /^deckle_things_total\{process="main"\} 1\ndeckle_things_total\{process="content-1"\} 2$/m)
    assert.equal(text.match(/# HELP deckle_things_total/g)?.length, 1)
    assert.doesNotMatch(text, /deckle_empty/)
  })

  it('tell of the memory and the event loop of the process', async () => {
    const names = (await processFamilies()).map((family) => family.name)
    assert.ok(names.includes('process_resident_memory_bytes'))
    assert.ok(names.includes('nodejs_eventloop_lag_seconds'))
  })
})
