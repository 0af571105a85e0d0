import type { Picture } from './plots/plot.ts'
import type { Section } from './sections.ts'

/** `bench/report/index.html`: one file, no script, nothing loaded from anywhere. */
export function htmlPage(sections: readonly Section[], css: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Extropy: what was measured</title>
<style>
${css}</style>
</head>
<body>
<h1>What was measured</h1>
<p>Written by <code>pnpm bench report</code>. Read ratios, not absolutes: what stands in one picture was measured in turn,
in one run. Every goal, and when and where each suite ran: <a href="../REPORT.md">REPORT.md</a>.</p>
${sections.map(sectionHtml).join('\n')}
</body>
</html>
`
}

function sectionHtml({ title, pictures, command }: Section): string {
  const body =
    pictures.length === 0
      ? `<p class="muted">Not measured: <code>${escapeHtml(command)}</code></p>`
      : pictures.map(pictureHtml).join('\n')
  return `<section>\n<h2>${escapeHtml(title)}</h2>\n${body}\n</section>`
}

function pictureHtml({ title, legend, wide, narrow }: Picture): string {
  const entries = legend
    .map(({ label, color }) => `<li><span style="background:${color}"></span>${escapeHtml(label)}</li>`)
    .join('')
  return `<figure>
<figcaption>${escapeHtml(title)}</figcaption>
${entries === '' ? '' : `<ul class="legend">${entries}</ul>`}
<div class="wide">${wide}</div>
<div class="narrow">${narrow}</div>
</figure>`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
