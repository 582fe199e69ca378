import { succeed } from '../../e2e/support/programs.ts'

/**
 * Requests per second of one address, asked for over and over on 64 connections that show a client certificate, which `wrk` cannot.
 * `identity` is a file with the certificate and its key in PEM.
 */
export async function provenRequestsPerSecond(url: string, identity: string, seconds: number): Promise<number> {
  const load = ['-q', '-k', '-c', '64', '-t', String(seconds), '-n', '10000000']
  const { stdout } = await succeed('ab', [...load, '-E', identity, url])
  if (/Non-2xx/.test(stdout) || !/^Failed requests: +0$/m.test(stdout)) throw new Error(`ab met errors:\n${stdout}`)
  return Number(/^Requests per second: +([\d.]+)/m.exec(stdout)?.[1])
}
