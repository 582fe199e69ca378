import { type LifeAction, type LifeState, lifeActions, lifeEnds } from '../core/life-cycle.ts'

/** The state machine as a Mermaid diagram, for the documentation. */
export function drawLifeCycle(): string {
  const begun = (Object.keys(lifeActions) as LifeAction[]).sort().flatMap(arrowsOf)
  const ended = entriesOf(lifeEnds).map(([from, to]) => `${idOf(from)} --> ${idOf(to)}`)
  const lines = ['[*] --> requested', ...begun, ...ended, 'purged --> [*]']
  return ['stateDiagram-v2', ...lines.map((line) => `  ${line}`)].join('\n')
}

function arrowsOf(action: LifeAction): readonly string[] {
  return entriesOf(lifeActions[action]).map(([from, to]) => `${idOf(from)} --> ${idOf(to)}: ${action}`)
}

function entriesOf(steps: Readonly<Partial<Record<LifeState, LifeState>>>) {
  return (Object.entries(steps) as [LifeState, LifeState][]).sort(([one], [other]) => (one < other ? -1 : 1))
}

/** Mermaid takes a hyphen for the beginning of an arrow. */
function idOf(state: LifeState): string {
  return state.replaceAll('-', '_')
}
