/** Every element and attribute that updateinfo.xml has, and an advisory with next to nothing. */
export const advisories = `<?xml version="1.0" encoding="UTF-8"?>
<updates>
<update from="größe@example.test" status="final" type="security" version="3">
  <id>RICH-2024:9</id><title>A hole &lt;&amp;&gt; "größe" 🐻</title>
  <issued date="2024-01-01 01:01:01"/><updated date="2024-02-02 02:02:02"/>
  <rights>© Zoo</rights><release>Zoo 9</release><pushcount>2</pushcount><severity>Critical</severity>
  <summary>A summary &amp; more</summary><description>Two lines,
  the second one indented.</description><solution>Update &lt;now&gt;.</solution><reboot_suggested>True</reboot_suggested>
  <references>
    <reference href="http://example.test/?a=1&amp;b=2" id="CVE-2024-1" type="cve" title="A &quot;hole&quot;"/>
    <reference href="http://example.test/2" id="2" type="bugzilla" title="Größe"/>
    <reference href="http://example.test/3" id="RICH-2024:9" type="self" title="RICH-2024:9"/>
  </references>
  <pkglist>
    <collection short="zoo"><name>The zoo</name>
      <package name="bear" version="1.0" release="1" epoch="1" arch="noarch" src="bear-1.0-1.src.rpm">
        <filename>bear-1.0-1.noarch.rpm</filename><sum type="md5">0123</sum><sum type="sha256">4567</sum>
        <reboot_suggested>True</reboot_suggested></package>
      <package name="lion" version="2" release="1" epoch="0" arch="noarch" src="lion-2-1.src.rpm">
        <filename>lion-2-1.noarch.rpm</filename><relogin_suggested>True</relogin_suggested>
        <restart_suggested>True</restart_suggested></package>
    </collection>
    <collection short="module"><name>zoo-1</name>
      <module name="zoo" stream="1" version="8010020190828150511" context="00000001" arch="noarch"/>
      <package name="zoo-base" version="1.0" release="1.module_zoo_1" epoch="0" arch="noarch" src="zoo-1.0-1.src.rpm">
        <filename>zoo-base-1.0-1.module_zoo_1.noarch.rpm</filename></package>
    </collection>
  </pkglist>
</update>
<update type="enhancement"><id>RICH-2024:2</id><title>Little</title><issued date="1700000000"/>
  <references/><pkglist><collection><name>c</name>
  <package name="bear" version="1.0^git1" release="1" epoch="1" arch="noarch"><filename>bear-1.0^git1-1.noarch.rpm</filename>
  </package></collection></pkglist></update>
</updates>
`

export const groups = `<?xml version="1.0" encoding="UTF-8"?>
<comps>
<group><id>animals</id><name>Animals</name><name xml:lang="de">Tiere</name><description>Größe &lt;&amp;&gt;</description>
  <description xml:lang="de">Größe</description><default>true</default><uservisible>true</uservisible>
  <display_order>7</display_order><biarchonly>false</biarchonly><packagelist>
  <packagereq type="mandatory" basearchonly="true">bear</packagereq><packagereq type="default">lion</packagereq>
  <packagereq type="optional">odd-files</packagereq>
  <packagereq type="conditional" requires="bear">zoo-base</packagereq></packagelist></group>
<group arch="s390x"><id>plants</id><name>Plants</name><description/><uservisible>false</uservisible><langonly>de</langonly>
  <packagelist><packagereq>odd-triggers</packagereq></packagelist></group>
<environment><id>zoo</id><name>Zoo</name><name xml:lang="de">Tierpark</name><description>A zoo</description>
  <display_order>2</display_order><grouplist><groupid>animals</groupid></grouplist>
  <optionlist><groupid default="true">plants</groupid></optionlist></environment>
<category><id>all</id><name>All</name><description>Everything</description><display_order>9</display_order>
  <grouplist><groupid>animals</groupid><groupid>plants</groupid></grouplist></category>
<langpacks><match install="bear-%s" name="bear"/></langpacks>
</comps>
`

/** A build of a stream, its default and a translation. */
export const modules = `---
document: modulemd
version: 2
data:
  name: zoo
  stream: "1"
  version: 8010020190828150511
  context: 00000001
  arch: noarch
  summary: The zoo, größe
  description: >-
    Animals.  # not a comment
  license: {module: [MIT], content: [MIT]}
  xmd: {deep: {er: [1, two]}}
  dependencies: [{buildrequires: {platform: [f38]}, requires: {platform: [f38]}}]
  references: {community: "http://example.test/"}
  profiles:
    default: {description: All of it, rpms: [zoo-base]}
  api: {rpms: [zoo-base]}
  filter: {rpms: [zoo-shop]}
  components: {rpms: {zoo: {rationale: Animals, ref: main, buildorder: 3}}}
  artifacts: {rpms: [zoo-base-0:1.0-1.module_zoo_1.noarch]}
...
---
document: modulemd-defaults
version: 1
data: {module: zoo, stream: "1", profiles: {"1": [default]}}
...
---
document: modulemd-translations
version: 1
data: {module: zoo, stream: "1", modified: 202401010000, translations: {de: {summary: Der Zoo}}}
...
`
