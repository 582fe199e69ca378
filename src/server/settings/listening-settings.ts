import { folders, optionalFlag, optionalText, port, positive, proxies, text, words } from '../setting-values.ts'
import { setting } from './setting.ts'

/** Where the server listens, and how it proves who it is. */
export const listeningSettings = {
  httpHost: setting('http.host', 'DECKLE_HTTP_HOST', text, '127.0.0.1', 'Address that the server listens on'),
  httpPort: setting(
    'http.port',
    'DECKLE_HTTP_PORT',
    port,
    8080,
    'Port of the APIs and of published content; 0 takes a free one',
  ),
  httpUrl: setting(
    'http.url',
    'DECKLE_HTTP_URL',
    optionalText,
    undefined,
    'Address that clients reach the server by, when it is another',
  ),
  trustProxy: setting(
    'http.trustProxy',
    'DECKLE_TRUST_PROXY',
    proxies,
    false,
    'Proxies whose X-Forwarded-Proto and X-Forwarded-Host are believed: false, true for all, or addresses and networks, separated by commas',
  ),
  tlsEnabled: setting(
    'tls.enabled',
    'DECKLE_TLS',
    optionalFlag,
    undefined,
    'Answer over TLS too; on when any other setting of TLS is given, false keeps it off',
  ),
  httpsPort: setting('https.port', 'DECKLE_HTTPS_PORT', port, 8443, 'Port of TLS; 0 takes a free one'),
  tlsCert: setting(
    'tls.cert',
    'DECKLE_TLS_CERT',
    folders,
    '',
    'Files of certificates in PEM, each with its chain, separated by colons; without them one is made',
  ),
  tlsKey: setting('tls.key', 'DECKLE_TLS_KEY', folders, '', 'Files of their private keys, in the same order'),
  tlsClientCa: setting(
    'tls.clientCa',
    'DECKLE_TLS_CLIENT_CA',
    optionalText,
    undefined,
    'File of authorities in PEM whose client certificates prove users and consumers to the Pulp API, beside those that Deckle gives out',
  ),
  tlsNames: setting(
    'tls.names',
    'DECKLE_TLS_NAMES',
    words,
    '',
    'Names and addresses that the certificate is made for, separated by commas; default those of this machine',
  ),
  maxBody: setting('http.maxBody', 'DECKLE_MAX_BODY', positive, 32, 'MiB that the body of an API request may have'),
}
