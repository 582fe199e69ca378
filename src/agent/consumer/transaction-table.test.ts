import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readTransaction } from './transaction-table.ts'

const dnf = `Last metadata expiration check: 0:00:01 ago on Sat Nov 21 14:29:50 2026.
Dependencies resolved.
================================================================================
 Package         Architecture   Version              Repository            Size
================================================================================
Installing:
 walrus          noarch         5.21-1               zoo                  2.3 k
 a-package-with-a-very-long-name
                 x86_64         1:2.0~beta1-3.el9_2  zoo                   14 M
Installing dependencies:
 whale           noarch         1:0.2-1              zoo                  2.2 k
Installing weak dependencies:
 krill           noarch         0.1-1                zoo                  900  
Removing dependent packages:
 shark           noarch         3-1                  @zoo                 0   

Transaction Summary
================================================================================
Install  4 Packages
 not             noarch         1-1                  zoo                  2.2 k
`

describe('the table of a transaction', () => {
  const names = (text: string) => {
    const { resolved, deps } = readTransaction(text)
    return { resolved: resolved.map(({ qname }) => qname), deps: deps.map(({ qname }) => qname) }
  }

  it('of dnf is read with what was asked for and what comes along, however long the names are', () => {
    assert.deepEqual(names(dnf), {
      resolved: ['walrus-5.21-1.noarch', '1:a-package-with-a-very-long-name-2.0~beta1-3.el9_2.x86_64'],
      deps: ['1:whale-0.2-1.noarch', 'krill-0.1-1.noarch', 'shark-3-1.noarch'],
    })
    assert.deepEqual(readTransaction(dnf).deps[2], {
      ...{ qname: 'shark-3-1.noarch', repoid: 'zoo', name: 'shark', epoch: '0' },
      ...{ version: '3', release: '1', arch: 'noarch' },
    })
  })

  it('of yum and of dnf 5 is read, too', () => {
    const yum =
      'Dependencies Resolved\n\nUpdating:\n zsh  x86_64  5.0-2  base  2 M\nInstalling for dependencies:\n a  noarch  1-1  base  1 k\n\n'
    assert.deepEqual(names(yum), { resolved: ['zsh-5.0-2.x86_64'], deps: ['a-1-1.noarch'] })
    const dnf5 = `Upgrading:
 zsh           x86_64 0:5.9-2.fc40 updates 3.2 MiB
   replacing zsh x86_64 0:5.9-1.fc40 fedora 3.1 MiB
Removing:
 nano          x86_64 0:7.2-1.fc40 fedora 2.5 MiB
`
    assert.deepEqual(names(dnf5), { resolved: ['zsh-5.9-2.fc40.x86_64', 'nano-7.2-1.fc40.x86_64'], deps: [] })
  })

  it('may be missing or be anything', () => {
    assert.deepEqual(names('Nothing to do.\nComplete!\n'), { resolved: [], deps: [] })
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('Installing:', ' a b 1-1 c 1 k', '   c', ' a', 'Removing unused dependencies:'),
    )
    fc.assert(fc.property(fc.array(line), (lines) => void names(lines.join('\n'))))
  })
})
