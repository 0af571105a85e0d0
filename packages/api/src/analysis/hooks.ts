import type { Piece } from '../document/sentences.ts'
import { confidenceOf, type Finding, type Span } from './finding.ts'
import { hookCues } from './hook-cues.ts'
import { probability, type Weights } from './logistic.ts'
import { isEnglish, type ReadText, spanWithin } from './read-text.ts'
import hooksModel from './weights/hooks.json' with { type: 'json' }
import type { RankOf } from './word-ranks.ts'

export const hookTypes = ['curiosity', 'specificity', 'benefit', 'story', 'controversy'] as const
export type HookType = (typeof hookTypes)[number]

/** A reason for a type, and how sure it alone makes: measured on the judged lines beside the test. */
interface Rule {
  readonly pattern: RegExp
  readonly strength: number
}

const rule = (strength: number, pattern: RegExp): Rule => ({ pattern, strength })

const unit =
  '(?:%|percent|x\\b|k\\b|times|users?|customers?|people|followers|subscribers|readers|days?|weeks?|months?|years?|hours?|minutes?|seconds?|ms\\b|lines|companies|clients|dollars|million|billion|points|pages|words|downloads|posts|emails|calls|interviews|servers|requests)'
const listed =
  '(?:things|reasons|ways|tips|tricks|hacks|facts|signs|steps|rules|lessons|mistakes|secrets|ideas|questions|habits|examples|books|tools|myths|principles|strategies|truths|features|patterns|techniques)'

const rules: Readonly<Record<HookType, readonly Rule[]>> = {
  curiosity: [
    rule(
      0.85,
      /\b(?:you won't believe|won't believe|guess what|what happened next|here's what happened|nobody (?:tells|talks|told|knows|is talking)|no one (?:tells|talks|told|knows|is talking))\b/,
    ),
    rule(
      0.8,
      /\b(?:the (?:real |hidden |surprising |strange |curious |untold |secret |one )+(?:reason|truth|story|thing|cost|question|problem|mistake|word|trick|number)|secrets? (?:of|to|behind)|the truth about|turns out|it turns out|there's (?:a|one) (?:catch|twist|reason|trick))\b/,
    ),
    rule(
      0.75,
      /\b(?:this is why|that's why|here'?s why|here is why|here'?s (?:how|what)|find out|what (?:happens|happened) (?:when|if|to|after)|why (?:does|do|is|are|did|don't|doesn't|isn't|aren't|i|we|you|your|the|most|every|some|nobody|so)|ever wonder(?:ed)?|have you ever|what if|what nobody|what no one)\b/,
    ),
    rule(
      0.65,
      /^\W*(?:what|why|how|which|who|when|where)\b[^?]*\?|^\W*(?:did|do|can|could|would|is|are|have|has|should) (?:you|we|it|this|there|your)\b[^?]*\?/,
    ),
    rule(
      0.6,
      /\b(?:mystery|mysterious|strange|weird|surprising(?:ly)?|unexpected(?:ly)?|hidden|unknown|secretly|puzzl\w+|curious(?:ly)?|never (?:knew|heard|expected|guess)|didn't know|don't know|wait (?:until|till))\b/,
    ),
    rule(0.5, /(?:…|\.\.\.)\s*$|\b(?:one (?:thing|simple|small|weird)|this (?:one|simple|tiny|weird))\b/),
  ],
  specificity: [
    rule(0.85, new RegExp(`\\b\\d[\\d,.]*\\+? (?:[\\w'-]+ ){0,2}${listed}\\b`)),
    rule(0.85, new RegExp(`(?:[$€£]\\s?\\d[\\d,.]*|\\b\\d[\\d,.]*\\s?[-–]?\\s?${unit})`)),
    rule(
      0.75,
      new RegExp(
        `\\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|a hundred|a thousand) (?:[\\w'-]+ )?(?:${listed}|${unit})`,
      ),
    ),
    rule(0.7, /\bfrom \$?\d[\d,.]*\S* to \$?\d|\b\d+ out of \d+\b|\b\d+(?:\.\d+)?%/),
  ],
  benefit: [
    rule(
      0.85,
      /\bhow to (?:\w+ly )?(?:\w+)|\b(?:save|boost|double|triple|grow|increase|improve|speed up|level up|master|supercharge|cut|reduce|earn|win|get more|make more) (?:\w+ )?(?:your|you|time|money|hours|more|cost|costs)\b/,
    ),
    rule(
      0.75,
      /\b(?:will (?:help|save|make|change|teach|show|give) you|help(?:s)? you|so (?:that )?you can|you(?:'ll| will) (?:learn|get|be able|discover|never|have|know)|you can (?:now )?(?:\w+ ){0,3}(?:in|without|with)|without (?:losing|spending|having|writing|any|burning|the)|in (?:just )?(?:\d+|five|ten|two|three) (?:minutes|steps|hours|days|weeks))\b/,
    ),
    rule(
      0.65,
      /\b(?:tips|tricks|hacks|guide|tutorial|cheat ?sheet|checklist|template|beginner'?s|step[- ]by[- ]step|made (?:easy|simple)|the (?:easy|fast|simple|easiest|fastest|simplest|best|right) way|ways to|everything you need|learn (?:how|to|the)|for free|a better way|faster|easier)\b/,
    ),
  ],
  story: [
    rule(
      0.85,
      /^\W*(?:(?:last|one|two|three|four|five|six|ten|\d+) (?:night|weeks?|months?|years?|days?|morning|evening|summer|winter|hours?)(?: ago)?\b|(?:a few|many|some) (?:years|months|weeks|days) ago|when i (?:was|first|started|quit|left|moved|joined|met|got|turned|lost|began)|years ago|once upon|growing up|back in|it was (?:a|the|an|\d|late|early|raining|dark|on)|in (?:19|20)\d\d,? (?:i|we|my)\b|yesterday,? (?:i|we|my|a)\b)/,
    ),
    rule(
      0.8,
      /\b(?:i|we) (?:quit|lost|was fired|got fired|was broke|failed|grew up|sat down|walked|woke up|nearly|almost|spent (?:the|my|\d+|two|three|five|ten|six|a)|learned the hard way|never forget|never thought|still remember|remember|dropped out|moved to|burned out|cried|left my|met)\b/,
    ),
    rule(
      0.7,
      /^\W*(?:i|we) (?:was|were|had|used to|built|started|made|wrote|tried|went|thought|decided|got|sold|bought|spent|ran|found|broke|shipped|worked|wanted|hired|launched|deleted)\b|^\W*my (?:first|mother|mom|father|dad|wife|husband|boss|son|daughter|grandmother|grandfather|friend|teacher|manager|brother|sister|phone rang|old|team)\b/,
    ),
    rule(
      0.6,
      /\b(?:the (?:day|night|moment|time|year) (?:i|we|that|my|when|everything)|how (?:i|we) (?:went|built|lost|got|made|became|quit|learned|found|survived|wrote|moved|fixed|broke|shipped|started|ended|almost|nearly|accidentally)|my (?:journey|story))\b/,
    ),
  ],
  controversy: [
    rule(
      0.85,
      /\b(?:unpopular opinion|hot take|controversial|considered harmful|(?:is|are) (?:a (?:lie|scam|myth|fraud|joke|waste|cult|trap)|dead|overrated|bullshit|lying|broken|useless|garbage|ruining|killing|destroying|wrong)|(?:you're|you are|everyone is|we're all|they're|we are) (?:all )?(?:doing it |completely |dead |so )?wrong|the (?:lie|lies|myth|big lie))\b/,
    ),
    rule(
      0.75,
      /\b(?:stop (?:\w+ing|using|telling|saying|being)|(?:you )?don't need|nobody (?:needs|cares|wants|reads)|no one (?:needs|cares)|quit (?:\w+ing)|the (?:problem|trouble) with|the case against|why i (?:hate|don't|stopped|left|quit|never|won't)|i (?:hate|don't care|refuse|disagree)|fight me|change my mind|let's be honest|sorry,? (?:but|not)|the emperor)\b/,
    ),
    rule(
      0.6,
      /\b(?:overrated|overhyped|overpriced|myths?|scam|nonsense|terrible|stupid|worst|hypocri\w+|bullshit|toxic|harmful|outrage\w*|backlash|rant|lie to|lying to|lied|pointless|wrong about|don't believe|kills? your|ruins?|is dead|are dead)\b/,
    ),
  ],
}

/** Below it a type is not named: on the judged lines half of those were wrong. */
const leastStrength = 0.55
const method = 'cues of the opening, logistic regression'
const version = 1

/** How a title or a first sentence wants to be read on: its chance to be such a line at all, 0 to 1. */
export function hookChance(line: string, rankOf: RankOf): number {
  return probability(hooksModel.weights as Weights, hookCues(line, rankOf))
}

/** Types of one line with their reasons; a line may have several. */
export function hookTypesOf(
  line: string,
): { type: HookType; strength: number; places: { start: number; end: number }[] }[] {
  const lower = line.toLowerCase().replaceAll('’', "'")
  // A letter that is longer in lower case would move all places behind it.
  const places = lower.length === line.length
  return hookTypes.flatMap((type) => {
    const hits = rules[type].flatMap(({ pattern, strength }) => {
      const hit = pattern.exec(lower)
      return hit === null ? [] : [{ strength, start: hit.index, end: hit.index + hit[0].length }]
    })
    const strength = 1 - hits.reduce((rest, hit) => rest * (1 - hit.strength), 1)
    const found = places ? hits.map(({ start, end }) => ({ start, end })) : [{ start: 0, end: line.length }]
    return strength < leastStrength ? [] : [{ type, strength, places: found }]
  })
}

/** Title and the first two sentences: later ones hook nobody. */
const openingPieces = 2

export function findHooks(text: ReadText, rankOf: RankOf): Finding<HookType>[] {
  if (!isEnglish(text)) return []
  const opening = text.pieces.filter(({ kind }) => kind !== 'heading').slice(0, openingPieces)
  const lines: { line: string; piece: Piece | undefined }[] = [
    ...(text.title === '' ? [] : [{ line: text.title, piece: undefined }]),
    ...opening.map((piece) => ({ line: piece.text, piece })),
  ]
  const best = new Map<HookType, { confidence: number; spans: Span[] }>()
  for (const { line, piece } of lines) {
    const chance = hookChance(line, rankOf)
    for (const { type, strength, places } of hookTypesOf(line)) {
      const confidence = confidenceOf(strength * (0.6 + 0.4 * chance))
      const spans = places.map(({ start, end }) => spanOfLine(piece, start, end))
      const known = best.get(type)
      if (known === undefined) best.set(type, { confidence, spans })
      else best.set(type, { confidence: Math.max(known.confidence, confidence), spans: [...known.spans, ...spans] })
    }
  }
  return [...best]
    .filter(([, { confidence }]) => confidence >= 0.5)
    .map(([value, rest]) => ({ value, ...rest, method, version }))
    .sort((a, b) => b.confidence - a.confidence || hookTypes.indexOf(a.value) - hookTypes.indexOf(b.value))
}

function spanOfLine(piece: Piece | undefined, start: number, end: number): Span {
  return piece === undefined ? { part: 'title', start, end } : spanWithin(piece, start, end)
}
