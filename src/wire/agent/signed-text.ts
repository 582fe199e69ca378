/**
 * What the agent of a consumer signs with the private key of its certificate, SHA-256 over this text in UTF-8: the server's nonce, and
 * the host and port that the agent has dialled, so that a server in between cannot use the answer elsewhere.
 */
export function signedText(nonce: string, host: string): string {
  return `deckle consumer agent\n${host}\n${nonce}`
}
