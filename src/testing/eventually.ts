import { setTimeout as pause } from 'node:timers/promises'

/** Waits for something of another process or of the database that nobody announces. The test's own time limit ends it. */
export async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await pause(20)
}
