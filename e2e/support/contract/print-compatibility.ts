import { type Decision, decisions } from './decisions.ts'
import type { Case, Operation } from './operation.ts'
import { rightsOf } from './permissions.ts'
import { pathOf } from './run-case.ts'
import { furtherRows, writtenRows } from './table.ts'

/** The text of docs/pulp2-compatibility.md, from the table that the contract test works from. */
export function printCompatibility(): string {
  return [
    '# Compatibility with Pulp 2, call by call',
    '',
    'Written by `node scripts/print-compatibility.mjs` from the table of the contract test (`e2e/pulp-contract.test.ts`), which provokes',
    'every status code and checks every permission in it on a running server. Paths are below `/pulp/api/v2/`. **works**: as documented;',
    '**differs**: on purpose, see the numbers below; **ours**: an addition.',
    '',
    '## The written API',
    '',
    ...table(writtenRows),
    '',
    '## Further calls of real servers, and additions',
    '',
    'Sections are those of Deckle’s notes on real servers (pulp2-api).',
    '',
    ...table(furtherRows),
    '',
    '## Where the written API and real servers differ',
    '',
    '| | Deckle follows | what it does |',
    '| --- | --- | --- |',
    ...Object.entries(decisions).map(([number, { side, says }]) => `| ${number} | ${sides[side]} | ${says} |`),
    '',
  ].join('\n')
}

const sides = { written: 'the written API', real: 'real servers', both: 'both' } as const

function table(rows: readonly Operation[]): string[] {
  return [
    '| section | call | what it does | permission | status codes | stands |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      (row) =>
        `| ${[row.section, callOf(row), row.does, permissionOf(row), statusesOf(row), standingOf(row)].join(' | ')} |`,
    ),
  ]
}

function callOf(row: Operation): string {
  return `\`${row.method} ${pathOf(row).replace('/pulp/api/v2/', '')}\``
}

function permissionOf(row: Operation): string {
  const rights = rightsOf(row)
  if (rights.includes('user')) return 'any user'
  return rights.includes('public') ? 'none' : rights.map((right) => right.toUpperCase()).join(' or ')
}

function statusesOf({ cases }: Operation): string {
  return [...new Set(cases.map(({ status }) => status))].toSorted((left, right) => left - right).join(', ')
}

function standingOf(row: Operation): string {
  const numbers = decisionsOf(row)
  const real = numbers.some((number) => decisions[number].side === 'real') || row.cases.some(({ instead }) => instead)
  const word = row.differs !== undefined || real ? '**differs**' : 'works'
  const never = Object.entries(row.never ?? {}).map(([status, why]) => `no ${status}: ${why}`)
  const notes = [numbers.join(', '), ...(row.differs ?? []), ...never].filter((note) => note !== '')
  return [row.extension ? '**ours**' : word, ...notes].join('; ')
}

/** All that a row and its cases name. */
export function decisionsOf({ decided = [], cases }: Operation): readonly Decision[] {
  const named = new Set([...decided, ...cases.flatMap(ofCase)])
  return allDecisions.filter((number) => named.has(number))
}

function ofCase({ by, instead, like }: Case): readonly Decision[] {
  return [by, instead?.by, ...Object.values(like?.except ?? {})].filter((number) => number !== undefined)
}

const allDecisions = Object.keys(decisions).filter((number): number is Decision => number in decisions)
