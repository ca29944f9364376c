// How the picture looks by itself; the viewer has colours of its own for the same classes.

const sheet = `
.chart {
  --paper: #ffffff; --half: #f6f7f9; --group: #ffffff; --leaf: #f1f3f6; --edge: #c3c9d2; --edge-strong: #8b95a4;
  --line: #a3acb9; --strong: #2f4a6d; --text: #16202e; --quiet: #5a6675;
}
@media (prefers-color-scheme: dark) {
  .chart {
    --paper: #0e1319; --half: #141b23; --group: #19222c; --leaf: #222d39; --edge: #334150; --edge-strong: #56687c;
    --line: #56677a; --strong: #9cc4f2; --text: #e7edf4; --quiet: #93a1b1;
  }
}
.paper { fill: var(--paper) }
.state rect { fill: var(--half); stroke: var(--edge) }
.state.depth-2 rect { fill: var(--group) }
.state.leaf rect { fill: var(--leaf); stroke: var(--edge-strong) }
.state.region rect { fill: none; stroke: var(--edge-strong); stroke-dasharray: 3 4 }
.name { font: 600 13px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: var(--text) }
.label { font: 10px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: var(--quiet) }
.note { font: 11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: var(--quiet) }
.line { fill: none; stroke: var(--line); stroke-width: 1.1 }
.head { fill: var(--line) }
.everyday .line { stroke: var(--strong); stroke-width: 1.8 }
.everyday .head { fill: var(--strong) }
.everyday .label { fill: var(--text) }
.beginning .line { stroke: var(--quiet) }
.beginning .head, .beginning circle { fill: var(--quiet) }
`

/** In one line: it is read by programs. */
export const pictureStyle = sheet.trim().replaceAll(/\n\s*/g, ' ')
