import { succeed } from '../../e2e/support/programs.ts'

/** Runs a program to its end and returns how many seconds it took; throws with what it said when it fails. */
export async function runCommand(program: string, args: readonly string[], cwd?: string): Promise<number> {
  const begun = performance.now()
  await succeed(program, args, cwd === undefined ? {} : { cwd })
  return (performance.now() - begun) / 1000
}
