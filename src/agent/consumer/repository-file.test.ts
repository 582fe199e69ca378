import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RepositoryFile } from './repository-file.ts'

const zoo = { repository: 'zoo', distributor: 'web' }
const options = { name: 'Zoo', baseurl: 'http://deckle/zoo', enabled: '1' }

describe('a repository file', () => {
  it('gets a section a binding, in its old place when that is bound again', () => {
    const file = new RepositoryFile('')
    file.bind(zoo, options)
    file.bind({ repository: 'other', distributor: 'web' }, { name: 'Other', baseurl: ['http://a/', 'http://b/'] })
    file.bind(zoo, { ...options, name: 'The zoo' })
    assert.equal(
      String(file),
      [
        '[zoo]',
        '# deckle binding: zoo web',
        'name=The zoo',
        'baseurl=http://deckle/zoo',
        'enabled=1',
        '',
        '[other]',
        '# deckle binding: other web',
        'name=Other',
        'baseurl=http://a/',
        ' http://b/',
        '',
        '',
      ].join('\n'),
    )
  })

  it('keeps what others have written, and does not take their names', () => {
    const theirs = '# by hand\n\n[main]\nx=1\n\n[zoo]\nbaseurl=http://elsewhere/\n   http://mirror/'
    const file = new RepositoryFile(theirs)
    assert.equal(file.bind(zoo, options), 'zoo.web')
    assert.equal(file.bind({ repository: 'zoo', distributor: 'second' }, options), 'zoo.second')
    assert.ok(String(file).startsWith(`${theirs}\n[zoo.web]\n`))
    const read = new RepositoryFile(String(file))
    assert.ok(read.unbind(zoo))
    assert.ok(read.unbind({ repository: 'zoo', distributor: 'second' }))
    assert.ok(!read.unbind(zoo))
    assert.equal(String(read), `${theirs}\n`)
  })

  it('has no line that a value of the server smuggles in', () => {
    const file = new RepositoryFile('')
    file.bind(zoo, { name: 'a\n[evil]\nbaseurl=http://evil/', baseurl: ['http://deckle/\r\ngpgcheck=0'] })
    assert.deepEqual(
      String(file)
        .split('\n')
        .filter((line) => line !== ''),
      ['[zoo]', '# deckle binding: zoo web', 'name=a [evil] baseurl=http://evil/', 'baseurl=http://deckle/ gpgcheck=0'],
    )
  })

  it('is the same as before once everything is unbound, whatever was in it', () => {
    const line = fc.oneof(
      fc.constantFrom('[a]', '[zoo]', '[a b]  ', '', '# note', 'name=x', ' continued', '[', '[]', 'x=[y]'),
      fc.string().map((text) => text.replaceAll(/[\n\r]/g, '')),
    )
    const id = fc.stringMatching(/^[\w.-]{1,8}$/)
    const bindings = fc.array(fc.record({ repository: id, distributor: id }), { maxLength: 5 })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), bindings, (lines, bound) => {
        const before = lines.join('\n')
        let text = before
        for (const turn of ['bind', 'bind', 'unbind'] as const) {
          for (const binding of bound) {
            const file = new RepositoryFile(text)
            if (turn === 'bind') file.bind(binding, options)
            else file.unbind(binding)
            text = String(file)
          }
          const names = [...text.matchAll(/^\[([^\]\n]+)\]\n# deckle/gm)].map((match) => match[1])
          assert.equal(new Set(names).size, names.length)
        }
        const ended = bound.length === 0 || before === '' || before.endsWith('\n') ? before : `${before}\n`
        assert.equal(text, ended)
      }),
    )
  })
})
