import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { layoutWithout, rpmLayouts } from './published-layouts.ts'
import { flatLayout, packagesLayout } from './rpm-layouts.ts'
import { yumDistributor } from './yum-distributor.ts'

/** A file of a unit of each type. */
const files = {
  rpm: 'bear-1-1.noarch.rpm',
  srpm: 'bear-1-1.src.rpm',
  drpm: 'drpms/bear-1_2.drpm',
  distribution: 'images/pxeboot/vmlinuz',
  yum_repo_metadata_file: 'repodata/productid.gz',
}

describe('the layout of a distributor that skips types', () => {
  it('shows no file of these, and all others', () => {
    for (const layout of [flatLayout, packagesLayout]) {
      for (const skipped of Object.keys(files)) {
        const without = layoutWithout(layout, [skipped, 'erratum'])
        for (const [type, file] of Object.entries(files))
          assert.equal(
            without.locate(layout.place(file)),
            type === skipped ? undefined : file,
            `${type} of ${without.id}`,
          )
      }
    }
    const { locate } = layoutWithout(flatLayout, ['distribution', 'srpm'])
    for (const file of ['.treeinfo', 'x-1.nosrc.rpm', 'AppStream/Packages/x.rpm']) assert.equal(locate(file), undefined)
  })

  it('has no folder that only they lie in', () => {
    const { unitFilesBelow } = layoutWithout(flatLayout, ['distribution', 'drpm'])
    assert.deepEqual(['', 'images/', 'drpms/', 'repodata/'].map(unitFilesBelow), [
      '',
      undefined,
      undefined,
      'repodata/',
    ])
  })

  it('is known by its name, whatever is skipped and in whatever order', () => {
    const place = { relative_url: 'x', http: true, https: true }
    const layoutOf = (config: object) => yumDistributor.layout(yumDistributor.config.parse({ ...place, ...config }))
    assert.equal(layoutOf({ skip: ['erratum'] }), flatLayout.id)
    assert.equal(layoutOf({ skip: ['srpm', 'rpm'] }), layoutOf({ skip: ['rpm', 'srpm', 'erratum'] }))
    const all = { skip: Object.keys(files).toReversed(), packages_directory: true }
    assert.equal(rpmLayouts[layoutOf(all)]?.id, layoutOf(all))
    assert.deepEqual(
      Object.keys(rpmLayouts),
      Object.values(rpmLayouts).map(({ id }) => id),
    )
  })
})
