import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { redactUrl } from './redact-url.ts'

describe('a printed URL', () => {
  const urls: [string, string][] = [
    ['http://host/path?arch=x86_64#part', 'http://host/path?arch=x86_64#part'],
    ['http://user:pass@host/', 'http://user:*****@host/'],
    ['http://user:pa@ss@host/', 'http://user:*****@host/'],
    ['https://token@host/', 'https://*****@host/'],
    [
      'https://cdn/a?X-Amz-Signature=abc&X-Amz-Credential=k%2Fs&Expires=1',
      'https://cdn/a?X-Amz-Signature=*****&X-Amz-Credential=*****&Expires=1',
    ],
    ['https://cdn/a?sig=abc', 'https://cdn/a?sig=*****'],
    ['not a url user:pass', 'not a url user:pass'],
  ]
  for (const [url, shown] of urls) {
    it(`is ${shown}`, () => assert.equal(redactUrl(url), shown))
  }
})
