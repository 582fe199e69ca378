import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Json, JsonObject } from '../../../core/json.ts'
import type { UnitWithDocuments } from '../../../core/repository-version.ts'
import { compareEvr } from '../rpm-version.ts'
import { rpmProfiler } from './rpm-profiler.ts'

interface Build {
  readonly name: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  readonly arch: string
}

function build(name: string, version: string, change: Partial<Build> = {}): Build {
  return { name, epoch: '0', version, release: '1', arch: 'noarch', ...change }
}

function unitOf(type: string, metadata: JsonObject, pkglist?: Json): UnitWithDocuments {
  const unit = { id: 1, type, wireId: 'w', metadata, updated: new Date(0) }
  const documents: UnitWithDocuments['documents'] =
    pkglist === undefined ? {} : { pkglist: Buffer.from(JSON.stringify(pkglist)) }
  return { unit, documents, files: [] }
}

const aPackage = (one: Build) => unitOf('rpm', { ...one })
const collection = (packages: readonly Build[]) => ({ packages: packages.map((one) => ({ ...one })) })
/** Its packages are in two collections. */
const anErratum = (...packages: readonly Build[]) =>
  unitOf('erratum', {}, [collection(packages.slice(1)), collection(packages.slice(0, 1))])

const applicable = (profiles: readonly Json[], unit: UnitWithDocuments) =>
  [...rpmProfiler.read(profiles).applicableTo(unit)].sort()

describe('the profiler of packages', () => {
  const installed = [[{ ...build('bear', '2.0'), epoch: 0, vendor: null }], [{ ...build('bear', '3.0') }], []]

  it('finds a package applicable where an older build of its name and arch is installed', () => {
    assert.deepEqual(applicable(installed, aPackage(build('bear', '2.0.1'))), [0])
    assert.deepEqual(applicable(installed, aPackage(build('bear', '4.0'))), [0, 1])
    assert.deepEqual(applicable(installed, aPackage(build('bear', '1.0', { epoch: '1' }))), [0, 1])
    for (const other of [build('bear', '2.0'), build('bea', '9'), build('bear', '9', { arch: 'i686' })])
      assert.deepEqual(applicable(installed, aPackage(other)), [])
  })

  it('compares with the newest build of several that are installed', () => {
    const kernels = [[build('kernel', '6'), build('kernel', '5'), build('kernel', '4')].map((one) => ({ ...one }))]
    assert.deepEqual(applicable(kernels, aPackage(build('kernel', '6'))), [])
    assert.deepEqual(applicable(kernels, aPackage(build('kernel', '6.1'))), [0])
  })

  it('finds an advisory applicable where one of its packages is, if that is no source package', () => {
    assert.deepEqual(applicable(installed, anErratum(build('lion', '9'), build('bear', '2.1'))), [0])
    assert.deepEqual(applicable(installed, anErratum(build('bear', '4', { arch: 'src' }))), [])
    assert.deepEqual(applicable(installed, anErratum()), [])
    const strange = [[{ ...build('bear', '1', { arch: 'src' }) }, { ...build('bear', '1', { arch: 'nosrc' }) }]]
    const sources = [build('bear', '2', { arch: 'src' }), build('bear', '2', { arch: 'nosrc' })]
    assert.deepEqual(applicable(strange, anErratum(...sources)), [])
  })

  it('passes over what is no package, without a harm to the others', () => {
    const { name, version, release, arch } = build('bear', '1')
    const odd = ['x', null, 1, {}, [null, 'x', { name: 'bear' }, { name, version, release, arch: 1 }]]
    const plain = [{ name, version, release, arch, epoch: null }]
    assert.deepEqual(applicable([...odd, plain], aPackage(build('bear', '2'))), [odd.length])
    assert.deepEqual(applicable([[{ ...build('bear', '1', { epoch: 'x' }) }]], aPackage(build('bear', '2'))), [0])
    assert.deepEqual(applicable([plain], unitOf('rpm', { name: 'bear' })), [])
    assert.deepEqual(applicable([plain], unitOf('erratum', {})), [])
  })

  it('finds what somebody finds who looks at every package of every system', () => {
    const few = (...choices: readonly string[]) => fc.constantFrom(...choices)
    const anyBuild: fc.Arbitrary<Build> = fc.record({
      name: few('a', 'b'),
      epoch: few('0', '1'),
      version: few('1', '1.0', '1.00', '1~a', '2'),
      release: few('1', '2'),
      arch: few('x', 'y', 'src'),
    })
    const system = fc.array(anyBuild, { maxLength: 8 })
    const advised = fc.array(anyBuild, { maxLength: 4 })
    fc.assert(
      fc.property(fc.array(system, { maxLength: 4 }), anyBuild, advised, (systems, one, packages) => {
        const needs = (wanted: Build) => (packagesOfSystem: readonly Build[]) => {
          const same = packagesOfSystem.filter(({ name, arch }) => name === wanted.name && arch === wanted.arch)
          return same.length > 0 && same.every((installed) => compareEvr(installed, wanted) < 0)
        }
        const places = (test: (system: readonly Build[]) => boolean) =>
          systems.flatMap((each, place) => (test(each) ? [place] : []))
        const profiles = systems.map((each) => each.map((installed) => ({ ...installed })))
        assert.deepEqual(applicable(profiles, aPackage(one)), places(needs(one)))
        const found = places((each) => packages.some((wanted) => wanted.arch !== 'src' && needs(wanted)(each)))
        assert.deepEqual(applicable(profiles, anErratum(...packages)), found)
      }),
    )
  })
})
