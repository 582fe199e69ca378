import type { Command } from 'commander'

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('run a server')
    .option('--role <roles>', 'what it does, with commas between: api, content, worker (default: everything)')
    .action(async ({ role }: { role?: string }) => {
      // Only this command pays for loading the server.
      const { keepHeapSmall } = await import('../server/small-heap.ts')
      if ((role ?? process.env['DECKLE_ROLES']) === 'worker') keepHeapSmall()
      const { serve } = await import('../server/main.ts')
      await serve(role === undefined ? {} : { roles: role })
    })
}
