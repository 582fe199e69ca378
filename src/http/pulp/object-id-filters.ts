import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'

/** Whether `_id`, wherever it stands in a query document, is compared only with text or lists of text (pulp2-api §4.1). */
export function checkObjectIds(document: JsonObject): boolean {
  return Object.entries(document).every(([key, value]) => {
    if (key === '_id') return isObjectIdCondition(value)
    if (!key.startsWith('$') || !Array.isArray(value)) return true
    return value.every((one) => !isJsonObject(one) || checkObjectIds(one))
  })
}

function isObjectIdCondition(value: Json): boolean {
  if (typeof value === 'string') return true
  return isJsonObject(value) && Object.values(value).every((operand) => isText(operand) || isTextList(operand))
}

function isTextList(value: Json): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isText(value: Json): boolean {
  return typeof value === 'string' || (isJsonObject(value) && typeof value['$oid'] === 'string')
}
