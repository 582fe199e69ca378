import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { flatLayout, packagesLayout } from './rpm-layouts.ts'

const segment = fc.string({ minLength: 1 }).map((text) => `${text.replaceAll('/', '_')}_`)
const treeFile = fc.oneof(
  fc.constantFrom(
    'treeinfo',
    '.treeinfo',
    'images/pxeboot/vmlinuz',
    'EULA',
    'drpms/bear.drpm',
    'repodata/productid.gz',
  ),
  fc.array(segment, { minLength: 2, maxLength: 4 }).map((segments) => segments.join('/')),
)
const fileName = fc.oneof(
  segment.map((text) => `${text}.rpm`),
  treeFile,
)

for (const layout of [flatLayout, packagesLayout]) {
  describe(`the layout ${layout.id}`, () => {
    it('finds each file where it has placed it', () => {
      fc.assert(fc.property(fileName, (name) => assert.equal(layout.locate(layout.place(name)), name)))
    })

    it('lists each file below all folders that lead to it', () => {
      fc.assert(
        fc.property(fileName, (name) => {
          const parts = layout.place(name).split('/')
          for (let depth = 0; depth < parts.length; depth++) {
            const folder = parts
              .slice(0, depth)
              .map((part) => `${part}/`)
              .join('')
            const prefix = layout.unitFilesBelow(folder)
            assert.ok(prefix !== undefined && name.startsWith(prefix), `${folder} of ${name}`)
          }
        }),
      )
    })
  })
}

describe('the flat layout', () => {
  it('has packages at the root, and nothing in the folders of others', () => {
    assert.equal(flatLayout.locate('bear.rpm'), 'bear.rpm')
    for (const path of ['repodata/ab12-primary.xml.gz', 'Packages/b/bear.rpm', 'Packages/treeinfo', 'bear.rpm/'])
      assert.equal(flatLayout.locate(path), undefined)
    assert.equal(flatLayout.unitFilesBelow('Packages/'), undefined)
  })

  it('finds packages where trees say that they are', () => {
    assert.equal(flatLayout.locate('Packages/bear.rpm'), 'bear.rpm')
  })
})

describe('the layout with a folder for each letter', () => {
  it('sorts by the first letter in lower case', () => {
    assert.equal(packagesLayout.place('Bear-1.rpm'), 'Packages/b/Bear-1.rpm')
    assert.equal(packagesLayout.place('389-ds.rpm'), 'Packages/3/389-ds.rpm')
  })

  it('has a file in one place only', () => {
    for (const path of [
      'bear.rpm',
      'Packages/bear.rpm',
      'Packages/B/Bear.rpm',
      'Packages/c/bear.rpm',
      'Packages/b/x/bear.rpm',
      'Packages/treeinfo',
      'repodata/repomd.xml',
      'repodata/repomd.xml.asc',
      'images/',
    ]) {
      assert.equal(packagesLayout.locate(path), undefined, path)
    }
    for (const folder of ['Packages/B/', 'Packages/bb/'])
      assert.equal(packagesLayout.unitFilesBelow(folder), undefined, folder)
    assert.equal(packagesLayout.unitFilesBelow('Packages/3/'), '3')
  })
})
