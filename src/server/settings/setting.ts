/** Reads the text of an environment variable or the value from the file; throws a plain message that says what is wanted. */
type Read<Value> = (value: unknown) => Value

export interface Setting<Value> {
  /** Where it stands in the file, `http.port`. */
  readonly key: string
  readonly environment: string
  readonly read: Read<Value>
  /** As if the user had written it; undefined means the setting is off. */
  readonly fallback: unknown
  readonly meaning: string
}

export function setting<Value>(
  key: string,
  environment: string,
  read: Read<Value>,
  fallback: unknown,
  meaning: string,
): Setting<Value> {
  return { key, environment, read, fallback, meaning }
}
