import { escapeAttribute, escapeText } from '../../../formats/xml-text.ts'

/** Text of a page that needs no escaping any more. */
export interface Html {
  readonly html: string
}

/** Values in a template are escaped, but for pieces that were made so themselves; of a list they are joined. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  return { html: parts.map((part, index) => `${part}${printed(values[index])}`).join('') }
}

function printed(value: string | number | Html | readonly Html[] | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'string' || typeof value === 'number') return escapeAttribute(String(value))
  return 'html' in value ? value.html : value.map((piece) => piece.html).join('\n')
}

/** Text whose lines are kept. */
export function lines(text: string): Html {
  return { html: `<div class="text">${escapeText(text)}</div>` }
}

/** A whole page. `root` leads from it to the folder of all pages: `''` or `../`. */
export function page(title: string, root: string, body: Html): Buffer {
  const { html: text } = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="stylesheet" href="${root}style.css">
</head>
<body>
<nav><a href="${root}index.html">All packages</a></nav>
<h1>${title}</h1>
${body}
</body>
</html>
`
  return Buffer.from(text)
}

export const style = `body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
a { color: #06c; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd; }
.letters a { display: inline-block; min-width: 1.6rem; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
dt { font-weight: bold; }
dd { margin: 0 0 .5rem 0; }
`
