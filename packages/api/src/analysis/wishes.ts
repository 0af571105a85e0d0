import { type Cue, findCued } from './cued-sentences.ts'
import type { Finding } from './finding.ts'
import type { ReadText } from './read-text.ts'

const pains: readonly Cue[] = [
  [
    0.8,
    /\b(?:struggl(?:e|ed|es|ing) (?:with|to)|frustrat(?:ed|ing|ion|es)|pain points?|tired of|sick of|fed up|drives? me (?:crazy|mad|nuts)|drowning in|at my wit'?s end|burn(?:ed|t)[- ]out|overwhelm(?:ed|ing)|nightmare|headaches?)\b/,
  ],
  [
    0.7,
    /\b(?:(?:the|a|one|main|biggest|big|real|another|common|my|our|your) (?:[\w-]+ )?(?:problem|trouble|pain|difficulty|obstacle|hurdle|drawback|downside|challenge|issue|bottleneck|complaint)s?\b(?: (?:is|was|with|here|that|i|we))?|painful(?:ly)?|annoying(?:ly)?|i hate|we hate|people hate|wast(?:e|ed|es|ing) (?:of |my |your |our |so much |hours|time|days|money))\b/,
  ],
  [
    0.65,
    /\b(?:(?:very |too |so |really |incredibly |notoriously )?(?:hard|difficult|tedious|cumbersome|impossible|confusing|error-prone|expensive|slow|brittle|fragile) (?:to|and|for)|can't (?:seem|find|figure|afford|keep|get|even)|couldn't (?:find|figure|get|even)|unable to|fail(?:s|ed|ing)? to|keeps? (?:breaking|failing|crashing)|doesn't (?:work|scale|help)|don't have (?:time|enough)|never (?:works|worked|enough)|lack of|worr(?:y|ied|ies) (?:about|that)|afraid (?:of|that)|suffer(?:s|ed|ing)? from|stuck (?:in|on|with|at))\b/,
  ],
  [
    0.5,
    /\b(?:unfortunately|sadly|to make matters worse|even worse|regret(?:s|ted)?|complain(?:s|ed|ing)?|miserable|stress(?:ful|ed)?|mess|broke(?:n)?)\b/,
  ],
]

const desires: readonly Cue[] = [
  [
    0.8,
    /\b(?:i wish|we wish|i(?:'d| would) (?:love|like|really like)|we(?:'d| would) (?:love|like|really like)|i(?:'ve| have) always wanted|dream(?:s|ed|ing)? (?:of|about)|if only|long(?:s|ed|ing)? for|would be (?:great|nice|wonderful|amazing|ideal) (?:if|to)|can't wait)\b/,
  ],
  [
    0.75,
    /\b(?:(?:i|we|you|they|people|users|developers|customers|everyone|readers|teams|companies|he|she|who|just|really|all) (?:just |really |all |always |also |only )?want(?:ed|s)? (?:to|a|an|the|more|it|them|something|this|that)|(?:my|our|the|your|their) (?:goal|dream|hope|aim|ambition|ideal|vision|wish) (?:is|was|has)|(?:i|we) (?:hope|need|aim|aspire|plan)(?:ed|s)? (?:to|for|a|that|something))\b/,
  ],
  [
    0.6,
    /\b(?:want(?:s|ed|ing)? to|looking for(?:ward to)?|look(?:ing)? forward|hop(?:e|ing|es) (?:to|that|for)|in need of|eager to|desire[sd]?|crav(?:e|es|ing)|prefer (?:to|a|the)|ideally|would rather|searching for|so that (?:you|we|i|they) can)\b/,
  ],
]

/** What hurts: sentences that say so. */
export const findPainPoints = (text: ReadText): Finding[] =>
  findCued(text, { cues: pains, method: 'cue words', version: 1, most: 8 })

/** What somebody wants: sentences that say so. */
export const findDesires = (text: ReadText): Finding[] =>
  findCued(text, { cues: desires, method: 'cue words', version: 1, most: 8 })

const calls: readonly Cue[] = [
  [
    0.85,
    /\b(?:sign up|subscribe|join (?:us|me|our|the|my|now|today)|register (?:now|today|here|for)|download (?:it|the|now|our|from|here)|click (?:here|the|on|below)|buy (?:it|now|the|your|tickets)|order (?:now|yours|today)|book (?:a|your|now)|apply (?:now|here|today|by)|get (?:started|yours|in touch|your (?:copy|ticket|free))|follow (?:me|us|along|@)|dm me|email (?:me|us)|contact (?:me|us)|drop (?:me|us|a)|leave (?:a|your|me) (?:comment|reply|review)|share (?:this|it|your)|star (?:the|us|it) |donate|send (?:me|us|your)|let (?:me|us) know|tell (?:me|us) (?:what|how|in|about|your)|comment below|reply (?:with|to|and)|enroll|rsvp|vote (?:for|now)|sponsor (?:me|us))\b/,
  ],
  [
    0.7,
    /^\W*(?:please |so,? |now,? |and |then |go |just |come )*(?:try|check out|check it|visit|read|see|watch|listen|subscribe|join|follow|download|install|share|comment|reply|retweet|bookmark|save this|start|grab|help|test|report|file|open|submit|consider|stay tuned|take a look|have a look|head (?:over|to)|learn more|find out more|upgrade|give (?:it|us|me))\b/,
  ],
  [
    0.6,
    /\b(?:please (?:\w+ )?(?:report|file|open|try|test|help|let|consider|see|read|submit|upgrade|reach|feel free)|feel free to|we(?:'d| would) love (?:to hear|your)|i(?:'d| would) love to hear|reach out|what do you think\?|check (?:it|this|them) out|available (?:now|today|at|here)|link (?:in|below)|we(?:'re| are) hiring)\b/,
  ],
]

/** What the text asks its reader to do: more often at its end than in the middle of a tutorial. */
export const findCallsToAction = (text: ReadText): Finding[] =>
  findCued(text, {
    cues: calls,
    method: 'cue words and place',
    version: 1,
    most: 5,
    placeFactor: (place) => (place > 0.75 ? 1 : place < 0.1 ? 0.8 : 0.7),
  })
