import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostSelector } from './host-selection.ts'

const affinity = 'io.rancher.scheduler.affinity:'
const eu = { Zone: 'EU', disk: 'ssd' }
const us = { zone: 'us' }

/** Labels of the task, whether they take the host in eu, the one in us, and one without labels (rancher-api §3.6). */
const cases: readonly (readonly [Readonly<Record<string, string>>, boolean, boolean, boolean])[] = [
  [{}, true, true, true],
  [{ any: 'label', 'io.rancher.container.pull_image': 'always' }, true, true, true],
  [{ [`${affinity}host_label`]: 'zone=eu' }, true, false, false],
  [{ [`${affinity}HOST_LABEL`]: 'ZONE=Eu' }, true, false, false],
  [{ [`${affinity}host_label_soft`]: 'zone=eu' }, true, false, false],
  [{ [`${affinity}host_label_ne`]: 'zone=eu' }, false, true, true],
  [{ [`${affinity}host_label_soft_ne`]: 'zone=eu' }, false, true, true],
  [{ [`${affinity}host_label`]: 'zone=eu, disk=ssd' }, true, false, false],
  [{ [`${affinity}host_label`]: 'zone=eu,disk=hdd' }, false, false, false],
  [{ [`${affinity}host_label_ne`]: 'zone=us,disk=ssd' }, false, false, true],
  [{ [`${affinity}host_label`]: 'disk=ssd', [`${affinity}host_label_ne`]: 'zone=us' }, true, false, false],
  [{ [`${affinity}host_label`]: 'zone' }, false, false, false],
  [{ [`${affinity}host_label_ne`]: 'zone' }, true, true, true],
  [{ [`${affinity}host_label`]: '' }, true, true, true],
  [{ [`${affinity}host_label_other`]: 'zone=eu' }, true, true, true],
  [{ [`${affinity}container_label`]: 'zone=eu', [`${affinity}container`]: 'x' }, true, true, true],
]

describe('the choice of hosts', () => {
  for (const [labels, first, second, bare] of cases) {
    it(`follows ${JSON.stringify(labels).replaceAll(affinity, '')}`, () => {
      const selector = hostSelector(labels)
      assert.deepEqual([selector.matches(eu), selector.matches(us), selector.matches({})], [first, second, bare])
    })
  }
})
