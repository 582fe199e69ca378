/** Of the page that browsers get. */
export const browseStyle = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #06c; --bad: #c22; }
@media (prefers-color-scheme: dark) { :root { --accent: #6af; --bad: #f77; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem 1.5rem 4rem; }
header { align-items: baseline; border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding-bottom: .6rem; }
header .path { flex: 1; font: 14px ui-monospace, monospace; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; margin: 1rem 0 .4rem; } h2 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
table { border-collapse: collapse; display: block; overflow-x: auto; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .7rem .25rem 0; text-align: left; vertical-align: top; }
th { font-weight: 600; white-space: nowrap; } td { overflow-wrap: anywhere; }
pre { background: var(--soft); border-radius: 6px; font: 13px/1.45 ui-monospace, monospace; margin: 0; overflow-x: auto; padding: .8rem; white-space: pre-wrap; }
button { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; color: inherit; cursor: pointer; font: inherit; margin: 0 .4rem .4rem 0; padding: .25rem .8rem; }
button:hover, button:focus-visible { border-color: var(--accent); }
button.bad { border-color: var(--bad); color: var(--bad); }
form { border: 1px solid var(--line); border-radius: 8px; margin: .6rem 0; padding: .4rem 1rem 1rem; }
label { display: block; margin: .6rem 0 .1rem; } label small { opacity: .7; }
input, select, textarea { background: transparent; border: 1px solid var(--line); border-radius: 6px; color: inherit; font: inherit; max-width: 40rem; padding: .3rem .5rem; width: 100%; }
option { color: initial; } textarea { font-family: ui-monospace, monospace; min-height: 4rem; }
.fault { border-left: 3px solid var(--bad); color: var(--bad); margin: .8rem 0; padding: .2rem .8rem; }
`
