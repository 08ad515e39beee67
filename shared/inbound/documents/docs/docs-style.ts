/** Style of the docs page: light or dark as the browser prefers, one column on a phone, two on a wide screen. */
export const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; scroll-padding-top: 1rem; --line: light-dark(#d1d5db, #374151); --quiet: light-dark(#4b5563, #9ca3af); --box: light-dark(#f3f4f6, #1f2937) }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem; max-width: 75rem; background: light-dark(#fff, #111827); color: light-dark(#111827, #f3f4f6); overflow-wrap: anywhere }
a { color: light-dark(#1d4ed8, #93c5fd) }
h1 { margin: 0; font-size: 1.75rem } h1 small { font-weight: normal; color: var(--quiet) }
h2 { margin: 0; font-size: 1.375rem } h3 { margin: 1.5rem 0 .25rem; font-size: 1rem }
p { margin: .5rem 0 } code, pre, textarea { font: .875rem/1.5 ui-monospace, monospace }
nav ul { padding: 0; list-style: none } nav li { margin: .375rem 0 }
section { padding: 2rem 0; border-top: 1px solid var(--line) }
.call { padding: .5rem .75rem; background: var(--box); border-radius: .375rem }
.get { color: light-dark(#1d4ed8, #93c5fd) } .post { color: light-dark(#15803d, #86efac) } .patch, .put { color: light-dark(#b45309, #fcd34d) } .delete { color: light-dark(#b91c1c, #fca5a5) }
dl { margin: 0 } dt { margin-top: .5rem } dt span { color: var(--quiet) } dt strong { font-size: .875rem; color: light-dark(#b91c1c, #fca5a5) } dd { margin: 0 0 0 1.25rem }
dd > dl { padding-left: .75rem; border-left: 2px solid var(--line) }
details { margin-top: 1.5rem; border: 1px solid var(--line); border-radius: .375rem } summary { padding: .5rem .75rem; font-weight: bold; cursor: pointer }
form { padding: 0 .75rem .75rem } label { display: block; margin-top: .75rem; font-weight: bold }
input, select, textarea { width: 100%; max-width: 40rem; padding: .5rem; border: 1px solid light-dark(#6b7280, #9ca3af); border-radius: .25rem; background: light-dark(#fff, #111827); color: inherit; font-size: 1rem } textarea { display: block; resize: vertical }
button { margin-top: 1rem; padding: .5rem 1.5rem; border: 0; border-radius: .25rem; background: #1d4ed8; color: #fff; font: inherit; font-weight: bold; cursor: pointer }
:focus-visible { outline: 3px solid light-dark(#1d4ed8, #93c5fd); outline-offset: 2px }
.reply pre { max-height: 30rem; margin: .5rem 0 0; padding: .75rem; overflow: auto; background: var(--box); border-radius: .375rem; white-space: pre-wrap }
.skip:not(:focus), .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
@media (min-width: 60rem) {
  body { display: grid; grid-template-columns: 15rem minmax(0, 1fr); column-gap: 3rem } header { grid-column: 1 / -1; padding-bottom: 1rem }
  nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto }
}
`;
