import { addresses, flag, optionalFolder, optionalText, positive, text } from '../setting-values.ts'
import { setting } from './setting.ts'

/** Whom the server talks to, and how patiently. */
export const peerSettings = {
  upstreamAllow: setting(
    'upstream.allow',
    'DECKLE_UPSTREAM_ALLOW',
    addresses,
    '',
    'Private addresses or networks that upstreams may redirect to, separated by commas',
  ),
  upstreamStall: setting(
    'upstream.stallSeconds',
    'DECKLE_UPSTREAM_STALL_SECONDS',
    positive,
    60,
    'Seconds of silence, or of less than 1 KiB, after which a transfer from an upstream is given up and tried again',
  ),
  rancherAccessControl: setting(
    'rancher.accessControl',
    'DECKLE_RANCHER_ACCESS_CONTROL',
    flag,
    true,
    'Ask who calls the Rancher API; off makes everybody its administrator',
  ),
  allowOpen: setting(
    'allowOpen',
    'DECKLE_ALLOW_OPEN',
    flag,
    false,
    'Allow rancher.accessControl=off on an address that other machines reach',
  ),
  rolloutStall: setting(
    'rollout.stallSeconds',
    'DECKLE_ROLLOUT_STALL_SECONDS',
    positive,
    60,
    'Seconds after which a host that gives no sign, or is not connected, fails in a pull task',
  ),
  agentAliveSeconds: setting(
    'agent.aliveSeconds',
    'DECKLE_AGENT_ALIVE_SECONDS',
    positive,
    15,
    'Seconds between two signs of life of an agent; one that misses two is cut off',
  ),
  consumerTaskTimeout: setting(
    'consumer.taskTimeoutSeconds',
    'DECKLE_CONSUMER_TASK_TIMEOUT_SECONDS',
    positive,
    600,
    'Seconds after which a task ends in error that no agent of its consumer has accepted, or said a word of',
  ),
  contentSources: setting(
    'content.sources',
    'DECKLE_CONTENT_SOURCES',
    optionalFolder,
    undefined,
    'Folder of the files (*.conf) that declare alternate content sources',
  ),
  eventsAttempts: setting(
    'events.attempts',
    'DECKLE_EVENTS_ATTEMPTS',
    positive,
    8,
    'How often a listener is tried before an event is given up',
  ),
  eventsRetrySeconds: setting(
    'events.retrySeconds',
    'DECKLE_EVENTS_RETRY_SECONDS',
    positive,
    30,
    'Seconds from the first attempt to the second; doubled for each that follows',
  ),
  smtpUrl: setting(
    'smtp.url',
    'DECKLE_SMTP_URL',
    optionalText,
    undefined,
    'Mail server for listeners by email: smtp://user:password@host:port, smtps://…',
  ),
  smtpFrom: setting('smtp.from', 'DECKLE_SMTP_FROM', text, 'deckle@localhost', 'Sender of these mails'),
  signingKey: setting(
    'signing.key',
    'DECKLE_SIGNING_KEY',
    optionalText,
    undefined,
    'File of the private OpenPGP key that signs metadata, armored and without a passphrase; without it one is made',
  ),
}
