import type { PulpClient } from '../../src/clients/pulp-client.ts'

/** Creates the repository `bench` of an upstream of packages, published below `/pulp/repos/bench/`. */
export async function createYumMirror(
  client: PulpClient,
  importerConfig: Readonly<Record<string, string | number>>,
  options: { readonly autoPublish: boolean },
): Promise<void> {
  await client.createRepository({
    id: 'bench',
    importer_type_id: 'yum_importer',
    importer_config: importerConfig,
    distributors: [
      {
        distributor_id: 'yum_distributor',
        distributor_type_id: 'yum_distributor',
        distributor_config: { relative_url: 'bench', http: true, https: false },
        auto_publish: options.autoPublish,
      },
    ],
  })
}

/** Fails unless the repository `bench` holds this many packages. */
export async function requirePackages(client: PulpClient, packages: number): Promise<void> {
  const { content_unit_counts: counts } = await client.repository('bench')
  if (counts['rpm'] !== packages) throw new Error(`only ${counts['rpm']} packages were mirrored`)
}
