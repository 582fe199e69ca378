/** Archs whose packages one host can have together; any other is alone. */
const families: readonly RegExp[] = [
  /^(i[3-6]86|athlon|geode|pentium[34]|x86_64(_v[2-4])?|amd64|ia32e)$/,
  /^armv[5-8]/,
  /^ppc(64(p7|iseries|pseries)?)?$/,
  /^s390x?$/,
  /^sparc/,
]

/** What `arch` is compatible within. */
export function archFamily(arch: string): string {
  return families.find((family) => family.test(arch))?.source ?? arch
}
