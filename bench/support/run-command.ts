import { spawn } from 'node:child_process'

export interface Finished {
  readonly stdout: string
  readonly seconds: number
}

/** Runs a program to its end and times it; throws with what it said when it fails. */
export async function runCommand(program: string, args: readonly string[], cwd?: string): Promise<Finished> {
  const begun = performance.now()
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd !== undefined && { cwd }) })
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    }),
  ])
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr.slice(-2000)}`)
  return { stdout, seconds: (performance.now() - begun) / 1000 }
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
