import { paragraphsOf, readCaptions } from '../../captions/captions.ts'

/** The spoken words of a transcript, as SRT, WebVTT or JSON have them; anything else is taken as the text itself. */
export function transcriptText(transcript: string): string {
  const { cues } = readCaptions(transcript) ?? { cues: [] }
  return cues.length > 0 ? paragraphsOf(cues) : transcript.trim()
}
