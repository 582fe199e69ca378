import { mendJson } from './mend-json.mjs'

/** What a headline over a sample says of whose body it is; the first that fits. */
const sampleKinds = [
  [/^Sample Request:/, 'request'],
  [/^Sample result value for the Task Report/, 'taskResult'],
  [/^Sample result value/, 'callResult'],
  [/^Sample \d+ Response Body:/, 'response'],
  [/^Example .*:$/, 'object'],
]

/**
 * The operations of a written API by its sections, and the objects that sections describe by a sample: facts only, no sentence
 * of the text. A section with two calls gives two operations.
 */
export function readSections(text) {
  const sections = cut(text.split('\n'), /^(D(?:\.\d+)+)\.\s\S/)
  const operations = sections.flatMap(([section, lines]) => readOperations(section, lines))
  const objects = sections.flatMap(([section, lines]) => readObject(section, lines))
  return { operations, objects }
}

/** Pieces of the text, each with what the headline's pattern caught; what stands before the first is left out. */
function cut(lines, headline) {
  const pieces = []
  for (const line of lines) {
    const found = headline.exec(line)
    if (found !== null) pieces.push([found[1], []])
    else pieces.at(-1)?.[1].push(line)
  }
  return pieces
}

function readOperations(section, lines) {
  return cut(lines, /^Method: (\w+)/).map(([method, own]) => {
    const tags = own.find((line) => line.startsWith('Tags:'))
    return {
      section,
      method,
      path: /^Path: `?(\S+)/m.exec(own.join('\n'))?.[1],
      permission: /^Permission: (\w+)/m.exec(own.join('\n'))?.[1],
      query: readQuery(method, own),
      body: readMembers(between(own, /^Request Body Contents:/)),
      statuses: readStatuses(between(own, /Response Codes:$/)),
      ...(tags !== undefined && { tags: tags.match(/pulp:\w+:(?:<\w+>|\w+)/g) }),
      ...readSamples(own),
    }
  })
}

function readObject(section, lines) {
  const { object } = readSamples(lines)
  return object === undefined ? [] : [{ section, object }]
}

/** Parameters that are listed, in D.2.5 without a headline, and those of an example. */
function readQuery(method, lines) {
  const headline = method === 'DELETE' ? /^Permission:/ : /^Query Parameters:/
  const listed = Object.keys(readMembers(between(lines, headline)))
  const examples = lines.flatMap((line) => [...line.matchAll(/[?&](\w+)=/g)].map(([, name]) => name))
  return [...new Set([...listed, ...examples])]
}

function readMembers(lines) {
  const found = lines.map((line) => /^\s*• (\w+) \(([\w ]+)\) - (\(optional\))?/.exec(line)).filter(Boolean)
  return Object.fromEntries(found.map(([, name, type, optional]) => [name, optional ? `${type}?` : type]))
}

function readStatuses(lines) {
  return lines.flatMap((line) => /^\s*• (\d{3})\b/.exec(line)?.[1] ?? []).map(Number)
}

/** The list that follows a headline: lines until the first that is neither empty nor an item. */
function between(lines, headline) {
  const start = lines.findIndex((line) => headline.test(line))
  if (start < 0) return []
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => !/^\s*(•.*)?$/.test(line))
  return end < 0 ? rest : rest.slice(0, end)
}

function readSamples(lines) {
  const found = lines.flatMap((line, at) => {
    const kind = sampleKinds.find(([headline]) => headline.test(line))?.[1]
    return kind === undefined ? [] : [[kind, mendJson(valueIn(lines.slice(at + 1)))]]
  })
  return Object.fromEntries(found)
}

/** The lines from the first brace to the one that closes it at the edge of the page. */
function valueIn(lines) {
  const start = lines.findIndex((line) => /^[{[]/.test(line))
  const length = lines.slice(start).findIndex((line) => /^[}\]]/.test(line))
  return lines.slice(start, start + length + 1).join('\n')
}
