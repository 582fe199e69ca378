import { runAgentProcess } from './agent-process.ts'

// The bundle is no module on hosts with an old Node, so nothing is awaited here.
void runAgentProcess(process.argv.slice(2)).then((code) => {
  process.exit(code)
})
