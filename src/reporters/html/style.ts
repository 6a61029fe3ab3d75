/**
 * The page's one style sheet. The filter is radio buttons and `:has()`: nothing runs in the page, and a browser that does not
 * know the selector shows everything. On paper all evidence is unfolded.
 */
export const style = `
:root { color-scheme: light dark; --page: #f5f6f8; --card: #fff; --text: #1b2330; --soft: #5b6675; --line: #e1e5ea; --shade: #f7f8fa;
  --pass: #15713c; --pass-back: #e3f4e9; --warn: #865300; --warn-back: #fdf0d5; --fail: #b3261e; --fail-back: #fdeae8;
  --none: #5b6675; --none-back: #eceff2; --accent: #2457c5; }
@media screen and (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1b212a; --text: #e6eaf0; --soft: #9aa6b5; --line: #2e3742;
  --shade: #161b22; --pass: #6fd08f; --pass-back: #173524; --warn: #f0b95a; --warn-back: #3a2c10; --fail: #ff8f85; --fail-back: #46201d;
  --none: #9aa6b5; --none-back: #29313b; --accent: #8ab0ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.page { max-width: 66rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1, h2, p, ul, dl, dd, table, fieldset { margin: 0; padding: 0; }
h1 { font-size: 1.7rem; line-height: 1.25; letter-spacing: -.015em; }
h2 { font-size: 1.15rem; line-height: 1.3; overflow-wrap: anywhere; }
code, .evidence, .place { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .86em; }
code { overflow-wrap: anywhere; }
a { color: var(--accent); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin-top: 1.1rem; }
header.card { border-top: 5px solid var(--none); padding: 1.3rem 1.5rem 1.4rem; margin-top: 0; }
header.pass { border-top-color: var(--pass); } header.warn { border-top-color: var(--warn); } header.fail { border-top-color: var(--fail); }
.product { color: var(--soft); font-size: .85rem; font-weight: 600; margin-bottom: .2rem; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2.2rem; margin-top: .9rem; }
.facts dt { color: var(--soft); font-size: .78rem; } .facts dd { overflow-wrap: anywhere; }
.error { margin-top: 1rem; padding: .75rem 1rem; border-radius: 7px; background: var(--fail-back); color: var(--fail); white-space: pre-line; overflow-wrap: anywhere; }
fieldset { border: 0; display: flex; flex-wrap: wrap; gap: .5rem; margin-top: 1.4rem; min-width: 0; }
legend { float: left; color: var(--soft); font-size: .85rem; padding: .35rem .5rem 0 0; }
fieldset input { position: absolute; opacity: 0; }
fieldset label { display: inline-flex; gap: .45rem; align-items: center; padding: .25rem .85rem; border: 1px solid var(--line); border-radius: 99px;
  background: var(--card); cursor: pointer; font-size: .9rem; }
fieldset label b { font-weight: 650; font-variant-numeric: tabular-nums; }
fieldset input:checked + label { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
fieldset input:focus-visible + label, a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
fieldset input:disabled + label { opacity: .5; cursor: default; }
.dot { width: .6rem; height: .6rem; border-radius: 50%; background: var(--none); } .dot.pass { background: var(--pass); }
.dot.warn { background: var(--warn); } .dot.fail { background: var(--fail); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { padding: .55rem .7rem; text-align: center; border-top: 1px solid var(--line); white-space: nowrap; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: .8rem; }
th:first-child { text-align: left; padding-left: 1.5rem; } tbody th { font-weight: 600; max-width: 22rem; overflow: hidden; text-overflow: ellipsis; }
td a { text-decoration: none; } td a:hover .badge { text-decoration: underline; }
.badge { display: inline-block; min-width: 3.3rem; padding: .1rem .5rem; border-radius: 5px; font-size: .72rem; font-weight: 700; letter-spacing: .04em; text-align: center;
  background: var(--none-back); color: var(--none); }
.badge.pass { background: var(--pass-back); color: var(--pass); } .badge.warn { background: var(--warn-back); color: var(--warn); } .badge.fail { background: var(--fail-back); color: var(--fail); }
.subject > .head { display: flex; justify-content: space-between; gap: 1rem; padding: 1rem 1.5rem .9rem; } .image { color: var(--soft); margin-top: .15rem; }
.result { display: grid; grid-template-columns: 5.6rem 8.2rem minmax(0, 1fr); gap: .3rem .9rem; padding: .8rem 1.5rem; border-top: 1px solid var(--line); }
.check { font-weight: 600; overflow-wrap: anywhere; } .message { white-space: pre-line; overflow-wrap: anywhere; }
.code { color: var(--soft); font-size: .8rem; margin-top: .1rem; }
details { margin-top: .45rem; } summary { cursor: pointer; color: var(--accent); font-size: .86rem; width: max-content; max-width: 100%; border-radius: 3px; }
/* A browser that cannot unfold by style has no switch for it; each result can be unfolded there too. */
.unfold { display: none; flex: none; font-size: .86rem; color: var(--soft); cursor: pointer; padding-top: .15rem; }
.unfold input { accent-color: var(--accent); vertical-align: -1px; }
@supports selector(::details-content) { .unfold { display: inline-block; } }
.subject:has(.unfold input:checked) details::details-content { display: block; content-visibility: visible; block-size: auto; }
.evidence { list-style: none; background: var(--shade); border: 1px solid var(--line); border-radius: 7px; padding: .55rem .8rem; margin-top: .45rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.evidence li + li { border-top: 1px solid var(--line); margin-top: .3rem; padding-top: .3rem; }
.other { margin-top: .6rem; } .other .badge { margin-right: .5rem; } .other .message { display: inline; }
footer { color: var(--soft); font-size: .82rem; margin-top: 1.6rem; }
body:has(#only-fail:checked) .result:not(.fail), body:has(#only-warn:checked) .result:not(.warn), body:has(#only-pass:checked) .result:not(.pass),
body:has(#only-none:checked) .result:not(.none), body:has(#only-fail:checked) .subject:not(:has(.result.fail)), body:has(#only-warn:checked) .subject:not(:has(.result.warn)),
body:has(#only-pass:checked) .subject:not(:has(.result.pass)), body:has(#only-none:checked) .subject:not(:has(.result.none)) { display: none; }
@media (max-width: 44rem) { .result { grid-template-columns: 5.6rem minmax(0, 1fr); } .result > div:last-child { grid-column: 1 / -1; } }
@media print { :root { --page: #fff; font-size: 10.5px; } body { font-size: 1rem; print-color-adjust: exact; -webkit-print-color-adjust: exact; } .page { max-width: none; padding: 0; }
  fieldset, summary, .unfold { display: none !important; } details::details-content { display: block; content-visibility: visible; block-size: auto; }
  .head { break-after: avoid; } .evidence li, .message, tr { break-inside: avoid; } th, td { padding: .3rem .4rem; white-space: normal; } a { color: inherit; } }
`
