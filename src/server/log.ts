import { type DestinationStream, type Logger, pino } from 'pino'
import type { Json, JsonObject } from '../core/json.ts'
import type { Log } from '../core/log.ts'
import { currentLogFields } from '../core/log-fields.ts'
import { maskUrlPasswords } from '../core/secrets.ts'

/** JSON lines on standard error, one an event. */
export function openLog(level: string, fields: JsonObject = {}, destination = standardError()): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
  return toLog(logger, fields)
}

function standardError(): DestinationStream {
  return pino.destination(2)
}

type Level = 'debug' | 'info' | 'warn' | 'error'

/** Fields of the line win over those of the log, these over those of the request or task that causes the line. */
function toLog(logger: Logger, own: JsonObject): Log {
  const write =
    (level: Level) =>
    (message: string, fields: JsonObject = {}) =>
      logger[level](maskAll({ ...currentLogFields(), ...own, ...fields }), maskUrlPasswords(message))
  return {
    ...(logger.isLevelEnabled('debug') && { debug: write('debug') }),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (fields) => toLog(logger, { ...own, ...fields }),
  }
}

/** A net below those who redact where they log: no line holds the credentials of a URL. */
function maskAll(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, maskValue(value)]))
}

function maskValue(value: Json): Json {
  if (typeof value === 'string') return maskUrlPasswords(value)
  if (Array.isArray(value)) return value.map(maskValue)
  return value !== null && typeof value === 'object' ? maskAll(value as JsonObject) : value
}
