import { requireFinished } from '../../src/clients/follow-tasks.ts'
import type { CallReport } from '../../src/clients/pulp-answers.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { DeckleServer } from './deckle-server.ts'
import { follow, makeMirror, syncWell } from './mirrors.ts'
import { PackageUpstream } from './package-upstream.ts'

/** A mirror of packages that is changed in all ways there are, each of which publishes. */
export class ManyVersions {
  readonly id = 'moving'
  readonly #server: DeckleServer
  readonly #random: SeededRandom
  readonly #upstream: PackageUpstream
  #shown = ''

  private constructor(server: DeckleServer, random: SeededRandom, upstream: PackageUpstream) {
    this.#server = server
    this.#random = random
    this.#upstream = upstream
  }

  static async on(server: DeckleServer, random: SeededRandom): Promise<ManyVersions> {
    const specs = ['a', 'b', 'c', 'd'].flatMap((name) => ['1', '2', '3'].map((version) => ({ name, version })))
    const upstream = await PackageUpstream.of(specs)
    await makeMirror(server, 'moving', { feed: upstream.feed, remove_missing: true })
    await makeMirror(server, 'other', { feed: upstream.feed })
    await upstream.show(specs)
    await syncWell(server, 'other')
    return new ManyVersions(server, random, upstream)
  }

  readonly url = (server: DeckleServer) => `${server.url}/pulp/repos/${this.id}/`

  /** Until something else is published. */
  async change(): Promise<void> {
    const before = await this.#live()
    while ((await this.#live()) === before) await this.#changeSomehow()
  }

  async #changeSomehow(): Promise<void> {
    const { client } = this.#server
    const { latest = 0 } = { latest: (await client.versions(this.id))[0]?.version }
    const way = latest === 0 ? 9 : this.#random.below(10)
    if (way === 0) return this.#done(client.promote(this.id, { id: 'other' }))
    if (way <= 3) return this.#done(client.rollback(this.id, 1 + this.#random.below(latest)))
    if (way === 4) return this.#takeOut()
    await this.#upstream.showSome(this.#random)
    await syncWell(this.#server, this.id)
  }

  async #takeOut(): Promise<void> {
    const { client } = this.#server
    const name = this.#random.pick(['a', 'b', 'c', 'd'])
    await this.#done(client.removeUnits(this.id, { filters: { unit: { name } } }))
    await this.#done(client.publish(this.id, 'yum_distributor'))
  }

  async #done(sent: Promise<CallReport>): Promise<void> {
    requireFinished(await follow(this.#server, await sent))
  }

  async #live(): Promise<string> {
    const response = await fetch(`${this.url(this.#server)}repodata/repomd.xml`)
    return response.status === 200 ? response.text() : this.#shown
  }
}
