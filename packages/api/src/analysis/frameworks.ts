import type { Piece } from '../document/sentences.ts'
import { confidenceOf, type Finding } from './finding.ts'
import { isEnglish, type ReadText, spanOf } from './read-text.ts'

export const frameworks = ['AIDA', 'PAS', 'BAB', 'PASTOR', '4Ps'] as const
type Framework = (typeof frameworks)[number]

/** A framework with the sentence that plays each of its roles, in their order. */
export interface FrameworkFinding extends Finding<Framework> {
  readonly roles: { readonly role: string; readonly start: number; readonly end: number }[]
}

/** How much a sentence speaks for a role, 0 to 1, by its words; no labelled posts are public, so the cues are hand-made. */
const cues = {
  attention:
    /\?$|^\W*(?:stop|imagine|what if|did you know|picture this|attention|introducing|warning|breaking|ever|tired of|want to|are you|do you|have you|meet|announcing|nobody|most people)\b|\b(?:won't believe|shocking|secret|mistake|\d+%|\d+ (?:out of|in) \d+)\b/i,
  interest:
    /\b(?:because|research|studies|study|data|shows?|in fact|the reason|here's (?:why|how|what)|did you know|turns out|according to|\d+%|found that|means that|works? by|unlike|that's where|learned|features?|with (?:our|this|its))\b/i,
  desire:
    /\b(?:imagine|you(?:'ll| will| can| could| get| deserve)|so you|finally|without|love|enjoy|dream|feel|results?|benefit|save|more time|free|peace of mind|confiden\w+|happier|easier|faster|customers? (?:say|love)|transform\w*|your (?:life|team|business))\b/i,
  action:
    /\b(?:sign up|subscribe|join|click|download|buy|order|register|try (?:it|this|our|them|today|now|for)|start (?:your|today|now|a free)|get (?:started|yours|your|the|it|access)|call|dm me|message me|book (?:a|your)|contact|reply|comment|share this|follow|link (?:in|below)|today|grab|apply|enroll|claim|reserve|visit|head over|check (?:it )?out|let me know|tap|send me)\b/i,
  problem:
    /\b(?:problem|struggl\w+|stuck|hard to|difficult|fail(?:s|ed|ing|ure)?|frustrat\w+|pain(?:ful)?|tired of|hate|waste|wasting|can't|cannot|broken|lose|losing|lost|worry|worried|overwhelm\w*|stress\w*|confus\w+|slow|never (?:enough|works)|annoying|messy?|nightmare|challenge|miss(?:ed|ing)?|low|drowning|burn(?:ed|t)? out|ignored|nobody (?:reads|cares)|don't know (?:how|where|what))\b/i,
  agitate:
    /\b(?:worse|every (?:day|time|week|month|hour|single)|and (?:then|it)|even|cost(?:s|ing)?|until|before long|meanwhile|keeps? (?:you|getting|growing|happening)|gets? worse|the longer|imagine|soon|what's more|on top of|sleepless|eventually|lose|losing|never|all night|again and again|hours|wasted|too late|fall(?:ing)? behind|competitors?|guilt|burn\w*|angry|years|embarrass\w*|gone|fear)\b/i,
  solution:
    /\b(?:solution|solve[sd]?|fix(?:es|ed)?|answer|that's (?:why|where)|here's (?:how|what|the)|introducing|we (?:built|made|created|designed)|i (?:built|made|created|found|wrote|started)|that is why|the (?:fix|trick|key|way out|good news)|there(?:'s| is) (?:a|another) (?:better |simple |simpler )?way|helps? you|with (?:our|this)|lets you|enter|instead|now you can|our (?:tool|app|course|guide|product|method|system|template|service))\b/i,
  before:
    /\b(?:used to|before|back then|(?:a|two|three|five|one|ten|six|\d+) (?:years?|months?|weeks?) ago|last (?:year|month|week)|once|was|were|had|in the past|every morning i|right now|today you|currently|i couldn't|struggl\w+|at first)\b/i,
  after:
    /\b(?:now|today|these days|after|since then|no longer|finally|imagine|picture|instead|fast forward|later|we've|i've|would|could be|a year on|suddenly|every (?:day|morning|week) (?:i|we) (?:now|get)|in (?:half|minutes|seconds))\b/i,
  bridge:
    /\b(?:here's how|the (?:difference|bridge|change|secret|trick|key)|what changed|how (?:i|we|you|to)|thanks to|by (?:\w+ing)|all (?:i|we|it) (?:did|took)|that's what|the way|get you there|made (?:it|the difference)|because (?:of|we|i)|we switched|i switched|started (?:using|\w+ing)|it took|using|our (?:tool|course|app|guide|method|system|template)|simple system|steps?)\b/i,
  story:
    /\b(?:i (?:was|had|met|remember|sat|felt|tried|started|lost|used|know|went|learned)|when (?:i|we|she|he)|(?:she|he|my|our) (?:was|had|tried|felt|friend|client|customer|wife|father|mother|team|first)|years? ago|one day|last (?:year|month|week)|story|sarah|maria|john)\b/i,
  testimony:
    /[“"].{10,}["”]|\b(?:testimonial|customers?|clients?|readers|members|students|reviews?|rated|trusted by|says?|told (?:me|us)|case stud\w+|went from|\d[\d,]*\+? (?:people|teams|users|companies|customers|students|readers|members)|proof|proven|results?)\b/i,
  offer:
    /\b(?:offer|price|only \$?\d+|\$\d+|€\d+|discount|bonus(?:es)?|guarantee\w*|free trial|you(?:'ll| will) get|includes?|included|package|lifetime|refund|per month|for just|\d+% off|access to|spots?|seats|comes with|free)\b/i,
  promise:
    /\b(?:you(?:'ll| will| can)|promise\w*|guarantee\w*|how to|in (?:just )?\d+ (?:days|minutes|weeks|hours|steps)|without|never (?:again|have to)|double|triple|save|learn|get (?:more|better|your)|finally|will (?:help|make|show|give))\b/i,
  picture:
    /\b(?:imagine|picture|think (?:of|about)|feel|see yourself|what (?:if|would)|wake up|waking up|visuali[sz]e|your (?:day|mornings?|weekends?|inbox|life)|no more|you're (?:sitting|walking|standing|done)|would (?:it|that|your))\b/i,
} satisfies Record<string, RegExp>

type Role = keyof typeof cues

/** The place in the text that a role usually has, 0 to 1, counts for a fifth. */
const shapes: Readonly<Record<Framework, readonly Role[]>> = {
  AIDA: ['attention', 'interest', 'desire', 'action'],
  PAS: ['problem', 'agitate', 'solution'],
  BAB: ['before', 'after', 'bridge'],
  PASTOR: ['problem', 'agitate', 'story', 'testimony', 'offer', 'action'],
  '4Ps': ['promise', 'picture', 'testimony', 'action'],
}

/** Words by which a text says itself what it is; without one the weaker shapes are found everywhere. */
const tellingRoles: Readonly<Record<Framework, RegExp>> = {
  AIDA: /\b(?:sign up|subscribe|join|click|download|buy|order|register|try (?:it|this|our|for)|get (?:started|yours|access)|book (?:a|your)|dm me|reply|claim|enroll|start your|start a free|grab|apply|reserve)\b/i,
  PAS: /\b(?:struggl\w+|frustrat\w+|tired of|overwhelm\w*|stuck|drowning|pain|problem|wast(?:e|ing)|nightmare|hate|worry|can't|fail\w*|stress\w*|burn\w*|los(?:e|ing)|ignored)\b/i,
  BAB: /\b(?:now|today|imagine|fast forward|these days|no longer|since then)\b/i,
  PASTOR: /\b(?:offer|price|\$\d+|discount|bonus|guarantee|free trial|refund|per month|for just|lifetime)\b/i,
  '4Ps': /\b(?:imagine|picture (?:this|yourself|it)|see yourself|visuali[sz]e|wake up|waking up)\b/i,
}

const method = 'roles of sentences by cue words, in order (heuristic)'
const version = 1
/** Longer texts argue; a framework is the shape of a short one that sells. Sentences. */
const [fewest, most] = [3, 45]

export function findFrameworks(text: ReadText): FrameworkFinding[] {
  const pieces = text.pieces.filter(({ text: said }) => said.length > 8)
  if (!isEnglish(text) || pieces.length < fewest || pieces.length > most) return []
  const addressing = pieces.filter(({ text: said }) =>
    /\b(?:you|your|you're|you'll|yourself|i|my|i'm|we|our)\b/i.test(said),
  )
  // Who neither speaks for themselves nor to anyone sells nothing.
  if (addressing.length / pieces.length < 0.3) return []
  return frameworks
    .flatMap((framework) => fit(framework, pieces) ?? [])
    .sort((a, b) => b.confidence - a.confidence || frameworks.indexOf(a.value) - frameworks.indexOf(b.value))
}

function fit(value: Framework, pieces: readonly Piece[]): FrameworkFinding | undefined {
  const roles = shapes[value]
  if (pieces.length < roles.length || !pieces.some(({ text }) => tellingRoles[value].test(text))) return undefined
  const path = bestPath(roles, pieces)
  if (path === undefined) return undefined
  const strengths = path.map(({ strength }) => strength)
  const weakest = Math.min(...strengths)
  const mean = strengths.reduce((sum, strength) => sum + strength, 0) / strengths.length
  // The roles of a text that has the shape are spread over it; four cues in one corner are chance.
  const spread = ((path.at(-1)?.at ?? 0) - (path[0]?.at ?? 0) + 1) / pieces.length
  const density = Math.min(1, (2.2 * roles.length) / pieces.length)
  const confidence = confidenceOf(mean * Math.min(1, 0.4 + 0.75 * spread) * (0.55 + 0.45 * density))
  if (weakest < 0.5 || confidence < leastConfidence) return undefined
  const found = path.map(({ role, at }) => {
    const { start, end } = pieces[at] as Piece
    return { role, start, end }
  })
  return { value, confidence, spans: found.map(spanOf), roles: found, method, version }
}

const leastConfidence = 0.6

interface Step {
  readonly role: Role
  readonly at: number
  readonly strength: number
}

/** Viterbi over sentences: one for each role, in order, so that the sum of strengths is the highest. */
function bestPath(roles: readonly Role[], pieces: readonly Piece[]): Step[] | undefined {
  let paths: ({ score: number; steps: Step[] } | undefined)[] = []
  for (const [number, role] of roles.entries()) {
    let before: { score: number; steps: Step[] } | undefined
    paths = pieces.map((piece, at) => {
      const from = number === 0 ? { score: 0, steps: [] } : before
      if (number > 0 && paths[at] !== undefined && (before === undefined || (paths[at]?.score ?? 0) > before.score)) {
        const earlier = paths[at]
        // The role before must stand in an earlier sentence.
        before = earlier
      }
      if (from === undefined) return undefined
      const strength = strengthOf(role, piece, at / Math.max(1, pieces.length - 1), number / (roles.length - 1))
      return { score: from.score + strength, steps: [...from.steps, { role, at, strength }] }
    })
  }
  return paths.reduce((best, path) => (path !== undefined && path.score > (best?.score ?? 0) ? path : best), undefined)
    ?.steps
}

function strengthOf(role: Role, { text }: Piece, place: number, usual: number): number {
  const pattern = new RegExp(cues[role].source, 'gi')
  const hits = new Set((text.match(pattern) ?? []).map((hit) => hit.toLowerCase())).size
  const said = hits === 0 ? 0 : hits === 1 ? 0.6 : 0.8
  return said + 0.2 * (1 - Math.abs(place - usual))
}
