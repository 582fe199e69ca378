import { createHash } from 'node:crypto'
import { SeededRandom } from '../../src/testing/seeded-random.ts'

const words =
  `alpha beta core data edge flow grid http index json kernel log map net open page queue ring sync tree unit view wave
  xml yaml zone audio base client daemon engine font graph host image java key lang media node object perl proxy python`
    .trim()
    .split(/\s+/)
const suffixes = ['', '-libs', '-devel', '-doc', '-common', '-static']
const folders = ['/usr/share/doc/', '/usr/lib64/', '/usr/share/', '/usr/include/', '/usr/lib/python3.11/site-packages/']
const sentence = `This package provides the files that are needed to run programs which use it; it includes libraries,
documentation &amp; &lt;examples&gt;. It can be used on its own or together with the other packages of the same project. `
const builtAt = 1_700_000_000

/** The three elements of one package in the metadata of a distribution, in the proportions of Fedora's. */
export interface PackageElements {
  readonly primary: string
  readonly filelists: string
  readonly other: string
}

/** A package that is described and does not exist. The same index makes the same package. */
export function describePackage(index: number): PackageElements {
  const random = new SeededRandom(index * 7919 + 13)
  const word = () => random.pick(words) ?? ''
  const base = `${word()}-${word()}${Math.floor(index / suffixes.length)}`
  const name = `${base}${suffixes[index % suffixes.length]}`
  const version = `${random.below(12)}.${random.below(30)}.${random.below(20)}`
  const evr = `epoch="0" ver="${version}" rel="${1 + random.below(19)}.fx1"`
  const arch = random.next() < 0.35 ? 'noarch' : 'x86_64'
  const pkgid = createHash('sha256').update(`${name} ${evr} ${arch}`).digest('hex')
  const head = `<package pkgid="${pkgid}" name="${name}" arch="${arch}">\n  <version ${evr}/>\n`
  const facts = { index, name, base, evr, arch, pkgid }
  return {
    primary: primaryElement(facts, random),
    filelists: `${head}${fileLines(name, Math.min(20_000, Math.floor(13 * Math.exp(1.6 * bell(random)))), random)}</package>\n`,
    other: `${head}${changeLines(version, random)}</package>\n`,
  }
}

interface Facts {
  readonly index: number
  readonly name: string
  readonly base: string
  readonly evr: string
  readonly arch: string
  readonly pkgid: string
}

function primaryElement({ index, name, base, evr, arch, pkgid }: Facts, random: SeededRandom): string {
  const own = `name="${name}" flags="EQ" ${evr}`
  const provided = lines(random.below(6), (n) => `      <rpm:entry name="lib${base}.so.${n}()(64bit)"/>\n`)
  const required = lines(2 + random.below(12), (n) => `      <rpm:entry name="libc.so.6(GLIBC_2.${n + 2})(64bit)"/>\n`)
  const binary = index % 3 === 0 ? `    <file>/usr/bin/${name}</file>\n` : ''
  return `<package type="rpm">
  <name>${name}</name>
  <arch>${arch}</arch>
  <version ${evr}/>
  <checksum type="sha256" pkgid="YES">${pkgid}</checksum>
  <summary>The ${name} package of the ${base} project</summary>
  <description>${sentence.repeat(1 + random.below(3))}</description>
  <packager>Fixture Project</packager>
  <url>https://fixture.invalid/${base}</url>
  <time file="${builtAt}" build="${builtAt - random.below(9_000_000)}"/>
  <size package="${4000 + random.below(4000)}" installed="${random.below(20_000_000)}" archive="${random.below(20_000_000)}"/>
  <location href="Packages/${name.charAt(0)}/${name}-${index}.${arch}.rpm"/>
  <format>
    <rpm:license>MIT AND GPL-2.0-or-later</rpm:license>
    <rpm:vendor>Fixture Project</rpm:vendor>
    <rpm:group>Unspecified</rpm:group>
    <rpm:buildhost>buildvm-${index % 40}.fixture.invalid</rpm:buildhost>
    <rpm:sourcerpm>${base}-${index}.src.rpm</rpm:sourcerpm>
    <rpm:header-range start="4504" end="${6000 + random.below(40_000)}"/>
    <rpm:provides>
      <rpm:entry ${own}/>
${provided}    </rpm:provides>
    <rpm:requires>
${required}      <rpm:entry name="rtld(GNU_HASH)"/>
    </rpm:requires>
${binary}  </format>
</package>
`
}

function fileLines(name: string, count: number, random: SeededRandom): string {
  const folder = `${random.pick(folders)}${name}`
  const file = (n: number) => `  <file>${folder}/${random.pick(words)}_${random.pick(words)}${n}.html</file>\n`
  return `  <file type="dir">${folder}</file>\n${lines(count, file)}`
}

function changeLines(version: string, random: SeededRandom): string {
  return lines(10, (n) => {
    const author = `Some Packager${random.below(400)} &lt;p${n}@fixture.invalid&gt; - ${version}-${n}`
    const text = `- Rebuilt for the ${random.pick(words)} update, see bug ${random.below(2_000_000)}`
    return `  <changelog author="${author}" date="${builtAt - 864_000 * (10 - n)}">${text}</changelog>\n`
  })
}

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('')
}

/** A normally distributed number around 0 (Box and Muller). */
function bell(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}
