import { canonicalJson, type JsonObject } from './json.ts'

/**
 * A JSON object as its canonical text, outside of V8's heap. Of very many units that are on their way, objects with all their members
 * are most of what V8 has to look at and to move.
 */
export class PrintedJson {
  /** Canonical JSON, UTF-8. */
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  static of(object: JsonObject): PrintedJson {
    return new PrintedJson(Buffer.from(canonicalJson(object)))
  }

  /** The object, made anew at each call. */
  parse(): JsonObject {
    return JSON.parse(Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length).toString()) as JsonObject
  }
}

export function objectOf(json: JsonObject | PrintedJson): JsonObject {
  return json instanceof PrintedJson ? json.parse() : json
}

/** Its canonical JSON, UTF-8. */
export function canonicalBytes(json: JsonObject | PrintedJson): Uint8Array {
  return (json instanceof PrintedJson ? json : PrintedJson.of(json)).bytes
}
