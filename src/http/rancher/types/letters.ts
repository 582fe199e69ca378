/** First letter of the base type that callers see, and its capitals; beside the types, since their fields refer to each other. */
export const letters: Readonly<Record<string, string>> = {
  account: 'a',
  project: 'a',
  apiKey: 'c',
  credential: 'c',
  registrationToken: 'c',
  registryCredential: 'c',
  host: 'h',
  hostPull: 'hp',
  image: 'i',
  pullTask: 'pt',
  register: 'r',
  registry: 'sp',
  storagePool: 'sp',
}
