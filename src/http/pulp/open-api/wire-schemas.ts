import { isJsonObject, type Json, type JsonObject } from '../../../core/json.ts'
import * as applicability from '../../../wire/pulp/applicability.ts'
import * as callReport from '../../../wire/pulp/call-report.ts'
import * as consumer from '../../../wire/pulp/consumer.ts'
import * as consumerGroup from '../../../wire/pulp/consumer-group.ts'
import * as contentSource from '../../../wire/pulp/content-source.ts'
import * as distributor from '../../../wire/pulp/distributor.ts'
import * as error from '../../../wire/pulp/error.ts'
import * as eventListener from '../../../wire/pulp/event-listener.ts'
import * as history from '../../../wire/pulp/history.ts'
import * as importer from '../../../wire/pulp/importer.ts'
import * as login from '../../../wire/pulp/login.ts'
import * as orphan from '../../../wire/pulp/orphan.ts'
import * as permission from '../../../wire/pulp/permission.ts'
import * as plugin from '../../../wire/pulp/plugin.ts'
import * as repository from '../../../wire/pulp/repository.ts'
import * as repositoryGroup from '../../../wire/pulp/repository-group.ts'
import * as repositoryVersion from '../../../wire/pulp/repository-version.ts'
import * as role from '../../../wire/pulp/role.ts'
import * as schedule from '../../../wire/pulp/schedule.ts'
import * as status from '../../../wire/pulp/status.ts'
import * as taskGroup from '../../../wire/pulp/task-group.ts'
import * as taskReport from '../../../wire/pulp/task-report.ts'
import * as unit from '../../../wire/pulp/unit.ts'
import * as upload from '../../../wire/pulp/upload.ts'
import * as user from '../../../wire/pulp/user.ts'

/** The schemas of everything that is answered, as they are written: by the name that routes call them. */
export const wireSchemas: Readonly<Record<string, object>> = {
  ...applicability,
  ...callReport,
  ...consumer,
  ...consumerGroup,
  ...contentSource,
  ...distributor,
  ...error,
  ...eventListener,
  ...history,
  ...importer,
  ...login,
  ...orphan,
  ...permission,
  ...plugin,
  ...repository,
  ...repositoryGroup,
  ...repositoryVersion,
  ...role,
  ...schedule,
  ...status,
  ...taskGroup,
  ...taskReport,
  ...unit,
  ...upload,
  ...user,
}

/** The same as the API reference prints them: what has a name of its own is referred to. */
export function componentSchemas(): JsonObject {
  const names = new Map(Object.entries(wireSchemas).map(([name, schema]) => [JSON.stringify(schema), name]))
  const refer = (value: Json): Json => {
    const name = names.get(JSON.stringify(value))
    return name === undefined ? referInside(value) : { $ref: `#/components/schemas/${name}` }
  }
  const referInside = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(refer)
    if (!isJsonObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, refer(inner)]))
  }
  const printed = Object.entries(wireSchemas).map(([name, schema]) => [name, JSON.parse(JSON.stringify(schema))])
  return Object.fromEntries(printed.map(([name, schema]) => [name, referInside(schema)]))
}
