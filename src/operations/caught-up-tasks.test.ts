import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { silentLog } from '../core/log.ts'
import type { Task } from '../core/task.ts'
import { contentPlugins } from '../testing/content-plugins.ts'
import { MemoryPublishedContent } from '../testing/memory-published-content.ts'
import { MemoryTasks } from '../testing/memory-tasks.ts'
import { caughtUpTasks } from './caught-up-tasks.ts'
import { ContentResolver } from './resolve-content.ts'

const path = '/pulp/repos/zoo/repomd.xml'

describe('a task that is looked at', () => {
  let content: MemoryPublishedContent
  let resolver: ContentResolver
  let memory: MemoryTasks
  let task: Task

  beforeEach(async () => {
    content = new MemoryPublishedContent()
    resolver = await ContentResolver.open({ content, plugins: contentPlugins, log: silentLog })
    memory = new MemoryTasks()
    const [added] = await memory.enqueue([{ operation: 'publish', arguments: {}, tags: [], resources: [] }])
    assert.ok(added)
    task = added
  })
  afterEach(() => resolver.close())

  /** What is served for sure after the task was looked at, when nobody has told of a switch to `two`. */
  async function servedAfterLooking(): Promise<string> {
    content.publish('/pulp/repos/zoo', { 'repomd.xml': 'one' })
    const one = await resolver.resolve(path)
    content.publish('/pulp/repos/zoo', { 'repomd.xml': 'two' })
    await caughtUpTasks(memory, () => resolver.catchUp()).get(task.id)
    const now = await resolver.resolve(path)
    assert.ok(one.kind === 'file' && now.kind === 'file')
    return now.file.sha256 === one.file.sha256 ? 'one' : 'two'
  }

  it('has ended only once what it published is served', async () => {
    memory.alter(task.id, { state: 'finished', finished: new Date() })
    assert.equal(await servedAfterLooking(), 'two')
  })

  it('costs nothing while it runs, or long after its end', async () => {
    memory.alter(task.id, { state: 'running' })
    assert.equal(await servedAfterLooking(), 'one')
    memory.alter(task.id, { state: 'finished', finished: new Date(Date.now() - 60_000) })
    assert.equal(await servedAfterLooking(), 'one')
  })
})
