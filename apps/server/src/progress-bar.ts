import type { IngestReport } from '@extropy/api'

/** How often the line is drawn: often enough to look alive, on a terminal; seldom enough for a log, elsewhere. */
const redrawMs = { terminal: 100, log: 5000 }
/** The first line comes after so long: what is done at once needs no progress. */
const firstMs = { terminal: 100, log: 1000 }

/** A line of text that is redrawn in place on a terminal, and written again every few seconds elsewhere. */
function createLine(out: NodeJS.WriteStream) {
  const kind = out.isTTY ? 'terminal' : 'log'
  let drawAt = performance.now() + firstMs[kind]
  const draw = (text: string, end: string) => out.write(out.isTTY ? `\r\x1b[K${text}${end}` : `${text}\n`)
  return {
    update(text: () => string): void {
      if (performance.now() < drawAt) return
      drawAt = performance.now() + redrawMs[kind]
      draw(text(), '')
    },
    finish(text: string): void {
      draw(text, '\n')
    },
  }
}

/** One line on the progress of an ingest: share of the input's bytes read, contents, rate, time left. */
export function createProgressBar(label: string, out: NodeJS.WriteStream, totalBytes: number | undefined) {
  const startedAt = performance.now()
  const line = createLine(out)

  const progress = (report: IngestReport, bytesRead: number): string => {
    const seconds = (performance.now() - startedAt) / 1000
    const rate = Math.round(report.read / Math.max(seconds, 0.001))
    const counts = `${report.read} contents, ${rate}/s`
    if (totalBytes === undefined || totalBytes === 0) return `${label} ${counts}`
    return `${label} ${bar(bytesRead / totalBytes, seconds, counts)}`
  }

  return {
    update(report: IngestReport, bytesRead: number): void {
      line.update(() => progress(report, bytesRead))
    },
    finish(report: IngestReport): void {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      const { stored, unchanged, rejected, passages } = report
      const unchangedPart = unchanged > 0 ? `, ${unchanged} unchanged` : ''
      const rejectedPart = rejected > 0 ? `, ${rejected} rejected` : ''
      line.finish(
        `${label}: ${stored} contents stored (${passages} passages)${unchangedPart}${rejectedPart} in ${seconds} s${rates(report, Number(seconds))}`,
      )
    },
  }
}

/** The same for passages that get their vectors. */
export function createVectorBar(out: NodeJS.WriteStream, passages: number) {
  const startedAt = performance.now()
  const line = createLine(out)
  return {
    update(read: number): void {
      const seconds = (performance.now() - startedAt) / 1000
      line.update(() => `Vectors ${bar(read / passages, seconds, `${read} of ${passages} passages`)}`)
    },
    finish(read: number): void {
      line.finish(`Vectors: ${read} passages in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
    },
  }
}

/** One line on something that is done step by step; the total may not be known yet. */
export function createStepBar(label: string, out: NodeJS.WriteStream, unit = 'pieces') {
  const startedAt = performance.now()
  const line = createLine(out)
  let text = label
  return {
    update(progress: { readonly done: number; readonly total: number | null } | null): void {
      if (progress === null) return
      const { done, total } = progress
      const seconds = (performance.now() - startedAt) / 1000
      text = total
        ? `${label} ${bar(done / total, seconds, `${done} of ${total} ${unit}`)}`
        : `${label} ${done} ${unit}`
      line.update(() => text)
    },
    finish(): void {
      line.finish(`${label}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
    },
  }
}

function bar(share: number, seconds: number, counts: string): string {
  const done = Math.min(1, share)
  const blocks = '█'.repeat(Math.round(done * 24)).padEnd(24, '░')
  const secondsLeft = done > 0 ? Math.ceil(seconds / done - seconds) : 0
  return `${blocks} ${String(Math.round(done * 100)).padStart(3)} % · ${counts} · ${secondsLeft} s left`
}

function rates({ stored, passages }: IngestReport, seconds: number): string {
  if (stored < 100) return ''
  return ` (${Math.round(stored / seconds)} contents/s, ${Math.round(passages / seconds)} passages/s)`
}
