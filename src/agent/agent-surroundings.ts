/** What an agent gets from its process. */
export interface AgentSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly isRoot: boolean
  print(text: string): void
  /** A line of the log or an error. */
  note(line: string): void
  readonly stop: AbortSignal
}
