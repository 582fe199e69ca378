import type { JsonObject } from '../core/json.ts'
import type { Log } from '../core/log.ts'

/** One line each: `2026-01-31T12:00:00.000Z info connected host=1h5`. For people and for journals; text with blanks is quoted. */
export function lineLog(write: (line: string) => void, fields: JsonObject = {}): Log {
  const print =
    (level: string) =>
    (message: string, more: JsonObject = {}) => {
      write([new Date().toISOString(), level, oneLine(message), ...printed({ ...fields, ...more })].join(' '))
    }
  return {
    info: print('info'),
    warn: print('warn'),
    error: print('error'),
    with: (more) => lineLog(write, { ...fields, ...more }),
  }
}

function printed(fields: JsonObject): readonly string[] {
  return Object.entries(fields).map(([name, value]) => `${name}=${plain(value)}`)
}

function plain(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ')
}
