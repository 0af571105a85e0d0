import type { IngestReport } from '@extropy/api'

/** How often the line is drawn: often enough to look alive, on a terminal; seldom enough for a log, elsewhere. */
const redrawMs = { terminal: 100, log: 5000 }

/**
 * One line on the progress of an ingest: share of the input's bytes read, contents, rate, time left. Redrawn in place
 * on a terminal, a line every few seconds elsewhere.
 */
export function createProgressBar(label: string, out: NodeJS.WriteStream, totalBytes: number | undefined) {
  const startedAt = performance.now()
  let drawnAt = startedAt

  const line = (report: IngestReport, bytesRead: number): string => {
    const seconds = (performance.now() - startedAt) / 1000
    const rate = Math.round(report.read / Math.max(seconds, 0.001))
    const counts = `${report.read} contents, ${rate}/s`
    if (totalBytes === undefined || totalBytes === 0) return `${label} ${counts}`
    const share = Math.min(1, bytesRead / totalBytes)
    const bar = '█'.repeat(Math.round(share * 24)).padEnd(24, '░')
    const secondsLeft = share > 0 ? Math.ceil(seconds / share - seconds) : 0
    return `${label} ${bar} ${String(Math.round(share * 100)).padStart(3)} % · ${counts} · ${secondsLeft} s left`
  }

  return {
    update(report: IngestReport, bytesRead: number): void {
      if (performance.now() - drawnAt < (out.isTTY ? redrawMs.terminal : redrawMs.log)) return
      drawnAt = performance.now()
      out.write(out.isTTY ? `\r\x1b[K${line(report, bytesRead)}` : `${line(report, bytesRead)}\n`)
    },
    finish(report: IngestReport): void {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      const { stored, unchanged, rejected, passages } = report
      const unchangedPart = unchanged > 0 ? `, ${unchanged} unchanged` : ''
      const rejectedPart = rejected > 0 ? `, ${rejected} rejected` : ''
      const summary = `${label}: ${stored} contents stored (${passages} passages)${unchangedPart}${rejectedPart} in ${seconds} s${rates(report, Number(seconds))}`
      out.write(out.isTTY ? `\r\x1b[K${summary}\n` : `${summary}\n`)
    },
  }
}

/** The cost of a long run, which helps to choose an embedder. */
function rates({ stored, passages, embedderMs }: IngestReport, seconds: number): string {
  if (stored < 100) return ''
  const perSecond = `${Math.round(stored / seconds)} contents/s, ${Math.round(passages / seconds)} passages/s`
  return ` (${perSecond}, ${Math.round(embedderMs / seconds / 10)} % of the time in the embedder)`
}
