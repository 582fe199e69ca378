import { installationSettings } from './settings/installation-settings.ts'
import { keepingSettings } from './settings/keeping-settings.ts'
import { listeningSettings } from './settings/listening-settings.ts'
import { peerSettings } from './settings/peer-settings.ts'

/** Every setting there is. The first word of the variable is always DECKLE. */
export const settings = {
  ...listeningSettings,
  ...installationSettings,
  ...peerSettings,
  ...keepingSettings,
}

/** Variables of the command line and of the tests, which are no settings of the server. */
export const otherVariables = new Set([
  'DECKLE_CONFIG',
  'DECKLE_URL',
  'DECKLE_CA',
  'DECKLE_TOKEN',
  'DECKLE_DEBUG',
  'DECKLE_REQUIRE_CLIENTS',
  'DECKLE_ZYPPER',
])

/** Prefixes of variables that belong to tests and benchmarks. */
export const otherPrefixes = ['DECKLE_TEST_', 'DECKLE_BENCH_']
