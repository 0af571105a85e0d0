import { flat, type HtmlDocument, nameOf } from './dom.ts'

const gutters =
  '.gutter, .linenos, .lineno, .linenumbers, .line-numbers-rows, .hljs-ln-numbers, .rouge-gutter, .blob-num, .copy-button, .code-copy, .btn-clipboard, button'
const language =
  /(?:^|\s)(?:lang(?:uage)?-|highlight-(?:source-|text-)?|brush:\s*|sourceCode\s+|hljs\s+(?:language-)?|prettyprint\s+lang-)([\w+#.-]+)/i

/**
 * Code as plain `<pre>` with its language in `data-language`: highlighters wrap it in tables with line numbers, in lines of `<div>`,
 * in copy buttons, and Readability then throws half of it away. TeX beside drawn formulas is taken for the formula.
 */
export function prepareCode(document: HtmlDocument): void {
  for (const pre of document.querySelectorAll('pre')) {
    for (const gutter of pre.querySelectorAll(gutters)) gutter.remove()
    for (const line of pre.querySelectorAll('br')) line.replaceWith('\n')
    const named = [pre.querySelector('code'), pre, pre.parentElement, pre.parentElement?.parentElement]
    const found = named
      .map(
        (each) =>
          each?.getAttribute('data-lang') ??
          each?.getAttribute('data-language') ??
          language.exec(each?.getAttribute('class') ?? '')?.[1],
      )
      .find((each) => each)
    const lines = [...pre.querySelectorAll('div, p, li')]
    for (const line of lines) if (!line.textContent?.endsWith('\n')) line.append('\n')
    const text = pre.textContent ?? ''
    pre.textContent = text
    if (found && /^[\w+#.-]{1,30}$/.test(found) && !/^(?:plain|text|none|default)$/i.test(found))
      pre.setAttribute('data-language', found.toLowerCase())
    const table = pre.closest('table')
    if (table === null || pre.closest('td') === null) continue
    // A table with line numbers in one column and the code in the other.
    const others = [...table.querySelectorAll('pre')].filter((each) => each !== pre)
    if (
      others.every((each) => /^[\s\d]*$/.test(each.textContent ?? '')) &&
      flat(table.textContent).length < flat(text).length * 2 + 20 &&
      !/^[\s\d]*$/.test(text)
    )
      table.replaceWith(pre)
  }
  for (const formula of document.querySelectorAll('.katex, .MathJax, math, mjx-container')) {
    const tex =
      flat(formula.querySelector('annotation[encoding*=tex]')?.textContent) || formula.getAttribute('alttext') || ''
    if (tex !== '' && nameOf(formula) !== 'annotation') formula.replaceWith(`$${tex}$`)
  }
}
