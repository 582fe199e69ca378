import { setTimeout as pause } from 'node:timers/promises'

/**
 * Waits for something of another process or of the database that nobody announces. The test's own time limit ends it. It looks less
 * and less often, since looking takes time from what it waits for.
 */
export async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let milliseconds = 10; !(await condition()); milliseconds = Math.min(milliseconds * 1.3, 60))
    await pause(milliseconds)
}
