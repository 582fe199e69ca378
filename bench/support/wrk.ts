import { writeFile } from 'node:fs/promises'
import { succeed } from '../../e2e/support/programs.ts'

/** Requests per second of one address, asked for over and over. */
export async function requestsPerSecond(url: string, connections: number, seconds: number): Promise<number> {
  const { stdout } = await succeed('wrk', ['-t2', `-c${connections}`, `-d${seconds}s`, url])
  return rate(stdout)
}

/**
 * Requests per second when each path is asked for once, within 10 s. `script` is where the program for wrk may be written: wrk
 * itself counts until its time is over, so the program takes the time of its requests.
 */
export async function coldRequestsPerSecond(script: string, url: string, paths: readonly string[]): Promise<number> {
  await writeFile(script, onceEach(paths))
  const { stdout } = await succeed('wrk', ['-t2', '-c64', '-d10s', '-s', script, url])
  rate(stdout)
  const [, requests, seconds] = /^cold (\d+) ([\d.]+)$/m.exec(stdout) ?? []
  if (Number(requests) < paths.length) throw new Error(`only ${requests} of ${paths.length} paths were asked for`)
  return Number(requests) / Number(seconds)
}

function rate(output: string): number {
  if (/Non-2xx|Socket errors: connect [^0]/.test(output)) throw new Error(`wrk met errors:\n${output}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1])
}

/** Each of the two threads takes every other path and stops its connections after the last. */
function onceEach(paths: readonly string[]): string {
  return `paths = {${paths.map((path) => `"${path}"`).join(',')}}
local ffi = require("ffi")
ffi.cdef[[ typedef struct { long s; long us; } timeval; int gettimeofday(timeval *t, void *z); ]]
local t = ffi.new("timeval")
local function now() ffi.C.gettimeofday(t, nil); return tonumber(t.s) + tonumber(t.us) / 1e6 end
local threads = {}
function setup(thread) table.insert(threads, thread); thread:set("at", #threads) end
function request()
  first = first or now()
  local path = paths[at] or paths[#paths]
  at = at + 2
  return wrk.format("GET", path)
end
answered = 0
function response()
  answered = answered + 1
  last = now()
  if answered >= #paths / 2 then wrk.thread:stop() end
end
function done()
  local requests, first, last = 0, math.huge, 0
  for _, thread in ipairs(threads) do
    requests = requests + thread:get("answered")
    first = math.min(first, thread:get("first"))
    last = math.max(last, thread:get("last"))
  end
  io.write(string.format("cold %d %.6f\\n", requests, last - first))
end
`
}
