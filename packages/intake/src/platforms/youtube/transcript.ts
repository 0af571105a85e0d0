/** The spoken words of a transcript, as SRT, VTT or YouTube's JSON has them; anything else is taken as the text itself. */
export function transcriptText(transcript: string): string {
  const text = transcript.trim().replace(/^\uFEFF/, '')
  const said = text.startsWith('{') || text.startsWith('[') ? fromJson(text) : fromCues(text)
  const lines = said.map((line) =>
    line
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
  // Rolling captions repeat each line in the next cue.
  return lines.filter((line, index) => line !== '' && line !== lines[index - 1]).join('\n')
}

function fromCues(text: string): string[] {
  const isTimed = /^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{3}\s*-->/m.test(text)
  if (!isTimed) return text.split(/\n/)
  return text
    .split(/\r?\n\s*\r?\n/)
    .flatMap((cue) => cue.split(/\r?\n/))
    .filter((line) => !/-->|^\d+$|^WEBVTT|^(?:Kind|Language|NOTE|STYLE|REGION)\b/.test(line.trim()))
}

function fromJson(text: string): string[] {
  try {
    const json = JSON.parse(text) as { events?: { segs?: { utf8?: string }[] }[] } | { text?: string }[]
    if (Array.isArray(json)) return json.map((cue) => String(cue.text ?? ''))
    return (json.events ?? []).map(({ segs = [] }) => segs.map(({ utf8 = '' }) => utf8).join(''))
  } catch {
    return [text]
  }
}
