import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clientPath } from '../../src/testing/clients.ts'
import { succeed } from './programs.ts'

/** Builds packages, source packages among them, that use what a header can hold into `folder`. */
export async function buildOddPackages(folder: string): Promise<void> {
  const top = join(folder, '.build')
  await mkdir(join(top, 'SOURCES'), { recursive: true })
  await writeFile(join(top, 'SOURCES/kept.txt'), 'kept\n')
  await writeFile(join(top, 'SOURCES/left-out.txt'), 'not passed on\n')
  for (const [name, spec] of Object.entries(specs)) {
    await writeFile(join(top, `${name}.spec`), spec)
    await succeed(clientPath('rpmbuild'), [
      '-ba',
      '--quiet',
      '--nodeps',
      ...definitions(top),
      join(top, `${name}.spec`),
    ])
  }
  for (const arch of await readdir(join(top, 'RPMS'))) await copyAll(join(top, 'RPMS', arch), folder)
  await copyAll(join(top, 'SRPMS'), folder)
  await rm(top, { recursive: true })
}

async function copyAll(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) await copyFile(join(from, name), join(to, name))
}

function definitions(top: string): string[] {
  const values = {
    _topdir: top,
    _dbpath: join(top, 'db'),
    _build_id_links: 'none',
    _binary_payload: 'w1.gzdio',
    __os_install_post: '%{nil}',
    _use_weak_deps: '1',
  }
  return Object.entries(values).flatMap(([name, value]) => ['--define', `${name} ${value}`])
}

const specs = {
  dependencies: dependenciesSpec(),
  files: filesSpec(),
  sources: sourcesSpec(),
  changelogs: changelogsSpec(),
  triggers: triggersSpec(),
}

/** Every kind of dependency with every comparison, rich ones, what the package meets itself, the C library's versions. */
function dependenciesSpec(): string {
  const kinds = ['Requires', 'Conflicts', 'Obsoletes', 'Recommends', 'Suggests', 'Supplements', 'Enhances']
  const comparisons = ['', ' < 1', ' <= 2:2-2', ' = 3-3', ' >= 0:4', ' > 5~rc1^git-5']
  return `${head('odd-dependencies', '1.0~rc1', ['Epoch: 7', 'Packager: Grün & <Söhne>', 'Vendor: "Us"'])}
${kinds.flatMap((kind) => comparisons.map((comparison, at) => `${kind}: ${kind.toLowerCase()}-${at}${comparison}`)).join('\n')}
${['', ' = 3-3', ' = 1:2.3-4', ' >= 4'].map((comparison, at) => `Provides: provided-${at}${comparison}`).join('\n')}
Provides: font(größe:lang=de) = 1
Requires: (one if two else three >= 3)
Requires: ((four with four < 5) or (five and six))
Recommends: (seven with eight)
Requires(pre): /usr/sbin/useradd
Requires(post): requires-0, requires-3 = 3-3
Requires(preun): at-the-end
Requires(pretrans): early = 1
Requires(interp): interpreter
Requires: /usr/bin/own-program, /usr/share/odd-dependencies/own-data, /etc/own.conf, /etc/of-another
Requires: provided-1 = 3-3, provided-1 = 4
Requires: twice >= 1, twice >= 1, twice >= 2, twice >= 1
Requires: libc.so.6()(64bit), libc.so.6(GLIBC_2.4)(64bit), libc.so.6(GLIBC_2.34)(64bit), libc.so.6(GLIBC_2.14)(64bit)
OrderWithRequires: ordered
%description
A <description> & more.

  With  blanks,	a tab and	größe „Anführung“ 🐻.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc %{buildroot}/usr/share/odd-dependencies
printf '#!/bin/sh\\n' > %{buildroot}/usr/bin/own-program
touch %{buildroot}/etc/own.conf %{buildroot}/usr/share/odd-dependencies/own-data
%pre
exit 0
%post -p /sbin/ldconfig
%preun
exit 0
%posttrans -p /bin/bash
true
%triggerin -- something > 1
true
%files
/usr/bin/own-program
/etc/own.conf
/usr/share/odd-dependencies
`
}

/** Every kind of file, names that XML has to escape, and sub-packages without files or with other versions. */
function filesSpec(): string {
  return `${head('odd-files', '2')}
%description
Files.
%package none
Summary: No files at all
%description none
%{nil}
%package -n other-version
Version: 99
Release: 0.1
Epoch: 0
Summary: Of another version
%description -n other-version
x
%prep
%install
mkdir -p %{buildroot}/etc/odd.d %{buildroot}/opt/odd/bin %{buildroot}/opt/odd/sbin "%{buildroot}/usr/share/odd files" %{buildroot}/usr/lib %{buildroot}/var/log
echo a > %{buildroot}/etc/odd.d/a.conf
echo b > %{buildroot}/etc/odd.d/b.conf
echo c > %{buildroot}/opt/odd/bin/c
ln -s c %{buildroot}/opt/odd/sbin/link
echo d > %{buildroot}/usr/lib/sendmail
echo e > "%{buildroot}/usr/share/odd files/<e> & größe 🐻.txt"
echo f > %{buildroot}/usr/share/odd-readme
touch %{buildroot}/var/log/odd.log %{buildroot}/opt/odd/bin/ghost
%files
%dir /etc/odd.d
%config(noreplace) /etc/odd.d/a.conf
%config(missingok) /etc/odd.d/b.conf
/opt/odd
%ghost /opt/odd/bin/ghost
/usr/lib/sendmail
"/usr/share/odd files"
%doc /usr/share/odd-readme
%ghost %attr(0600, root, root) /var/log/odd.log
%ghost %dir /var/log
%files none
%files -n other-version
`
}

/** Some of whose sources are left out: then the source package's file is named \`nosrc\`. */
function sourcesSpec(): string {
  return `${head('odd-sources', '3', ['Source0: kept.txt', 'Source1: left-out.txt', 'NoSource: 1', 'BuildRequires: gcc >= 99, (make or ninja)'])}
%description
Sources.
%prep
%install
%files
`
}

/** More entries than repodata shows, several a day. */
function changelogsSpec(): string {
  const days = ['20', '20', '20', '20', '19', '19', '18', '17', '17', '17', '16', '15', '14']
  const entries = days.map((day, at) => {
    const weekday = ['Thu', 'Wed', 'Tue', 'Mon', 'Sun', 'Sat', 'Fri'][20 - Number(day)] ?? 'Thu'
    return `* ${weekday} Nov ${day} 2025 Jürgen <j@example.test> - 4-${99 - at}\n- entry ${at} <&> "quoted" größe\n- and more\n`
  })
  return `${head('odd-changelogs', '4')}
%description
Changelogs.
%files
%changelog
${entries.join('\n')}
`
}

/** Triggers of files and of packages, and one very long entry in the changelog. */
function triggersSpec(): string {
  return `${head('odd-triggers', '5^git7')}
%description
Triggers.
%filetriggerin -p <lua> -- /usr/share
print("file")
%transfiletriggerpostun -p <lua> -- /usr/lib, /etc
print("transaction")
%triggerin -p <lua> -- odd-files > 1
print("package")
%files
%changelog
* Thu Nov 20 2025 Zoë <z@example.test> - 5-1
${Array.from({ length: 3000 }, (_, at) => `- change ${at} of <größe> & "more", which is told at length`).join('\n')}
`
}

function head(name: string, version: string, more: readonly string[] = []): string {
  const lines = [
    `Name: ${name}`,
    `Version: ${version}`,
    'Release: 1.el9',
    'Summary: Odd <&> "größe" 🐻',
    'License: MIT and (GPLv2+ or "other")',
    'URL: http://example.test/?a=1&b=<2>',
    'Group: Applications/Größe',
    'BuildArch: noarch',
    ...more,
  ]
  return lines.join('\n')
}
