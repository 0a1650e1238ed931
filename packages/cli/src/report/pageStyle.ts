/** How the report looks: one sheet inside of the page, for screens and paper. */
export const pageStyle = `
:root { color-scheme: light; --ink: #1c2330; --faint: #5c6675; --line: #dfe4ea; --paper: #fff; --wash: #f5f7fa; --accent: #0b6aa2; --warn: #a33c00; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--wash); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 36px 24px 64px; }
h1 { margin: 0; font-size: 28px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 40px 0 12px; font-size: 19px; }
p { margin: 8px 0; }
.sub { color: var(--faint); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(158px, 1fr)); gap: 12px; margin: 24px 0 16px; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.card b { display: block; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.card span { color: var(--faint); font-size: 13px; }
.verdict { background: var(--paper); border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: 6px; padding: 12px 16px; }
.verdict.loses { border-left-color: var(--warn); }
.scroll { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 14px; text-align: left; border-top: 1px solid var(--line); vertical-align: top; }
thead th { border-top: 0; color: var(--faint); font-weight: 500; font-size: 13px; }
td.n, th.n { text-align: right; white-space: nowrap; }
tr.dropped td { color: var(--faint); }
.figures { display: flex; flex-wrap: wrap; gap: 16px; }
figure { flex: 1 1 100%; min-width: 0; margin: 0; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 8px; overflow-x: auto; }
figure.half { flex: 1 1 40%; min-width: min(100%, 420px); }
figure svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
figcaption { padding: 4px 8px; }
details { margin: 16px 0; }
summary { cursor: pointer; padding: 10px 16px; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; }
details[open] > summary { margin-bottom: 16px; }
code, pre { font: 13px/1.5 ui-monospace, "SF Mono", Consolas, monospace; }
pre { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; overflow-x: auto; }
td code { overflow-wrap: anywhere; }
footer { margin-top: 40px; color: var(--faint); font-size: 13px; overflow-wrap: anywhere; }
@media print { body { background: #fff; } figure, .card { break-inside: avoid; } }
`;
