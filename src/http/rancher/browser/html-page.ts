import type { RancherObject } from '../../../wire/rancher/resource.ts'

/** What the page is told besides the answer itself (rancher-api §1.4). */
export interface PageFacts {
  readonly user: string
  /** For examples of curl on the page. */
  readonly curlUser: string
  /** URL of the schemas. */
  readonly schemas: string
  /** Of the one inline script that may run. */
  readonly nonce: string
  /** Below which the script and style are. */
  readonly base: string
}

/** The answer as a page to browse and try the API with: the script draws `data`. Needs nothing from other hosts. */
export function htmlPage(data: RancherObject, { user, curlUser, schemas, nonce, base }: PageFacts): string {
  return `<!DOCTYPE html>
<!-- If you are reading this, there is a good chance that you would prefer JSON: send "Accept: application/json". -->
<html lang="en">
<head>
<meta charset="utf-8">
<title>Deckle API</title>
<link rel="stylesheet" href="${base}/static/browse.css">
<script src="${base}/static/browse.js" defer></script>
</head>
<body>
<script nonce="${nonce}">
var user = ${literal(user)};
var curlUser = ${literal(curlUser)};
var schemas = ${literal(schemas)};
var data = ${literal(data)};
</script>
<noscript>This page needs JavaScript; append ?_format=json to the address for the plain answer.</noscript>
</body>
</html>
`
}

/** JSON without what could end the script or begin a comment; `/` is escaped as clients know it. */
function literal(value: unknown): string {
  const text = JSON.stringify(value).replaceAll('/', '\\/').replaceAll('<', '\\u003c')
  return text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

/** Only our script and the one with the nonce run. */
export function pagePolicy(nonce: string): string {
  return [
    ...["default-src 'none'", `script-src 'self' 'nonce-${nonce}'`, "style-src 'self'", "connect-src 'self'"],
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join('; ')
}
