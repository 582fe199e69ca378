import { type Logger, pino } from 'pino'
import type { JsonObject } from '../core/json.ts'
import type { Log } from '../core/log.ts'

/** JSON lines on standard error, one an event. */
export function openLog(level: string, fields: JsonObject = {}): Log {
  const logger = pino(
    {
      level,
      base: fields,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination(2),
  )
  return toLog(logger)
}

function toLog(logger: Logger): Log {
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    with: (fields) => toLog(logger.child(fields)),
  }
}
