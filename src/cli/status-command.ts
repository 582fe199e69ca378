import type { Command } from 'commander'
import type { StatusReport } from '../clients/pulp-answers.ts'
import { addJson, type Connect } from './options.ts'

export function addStatusCommand(program: Command, connect: Connect): void {
  const command = program.command('status').description('say whether the server answers and what it runs on')
  addJson(command).action(async (options: { json?: boolean }) => {
    const { client, terminal, identity } = connect()
    const status = await client.status()
    const { url } = client.connection
    terminal.print(options.json ? JSON.stringify({ url, ...status }, null, 2) : describeStatus(status, url, identity))
  })
}

export function describeStatus(status: StatusReport, url: string, identity: string): string {
  const database = status.database_connection.connected ? 'connected' : 'NOT CONNECTED'
  return [
    `server    ${url} (Pulp API ${status.versions.platform_version})`,
    `asked as  ${identity}`,
    `database  ${database}`,
    `workers   ${status.known_workers.map((worker) => worker._id).join(', ') || 'none'}`,
  ].join('\n')
}
