import type { Cues } from './logistic.ts'
import type { RankOf } from './word-ranks.ts'
import { readWords, stopWordsOf } from './words.ts'

const numberWord = 'two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty|hundred'
const people =
  'people|person|girls?|guys?|boys?|moms?|dads?|mothers?|fathers?|parents?|kids?|child|children|babies|baby|women|woman|men|man|everyone|everybody|someone|anyone|friends?|couples?|husband|wife|boyfriend|girlfriend|teens?|students?|teachers?|humans?'
const listed =
  'things?|reasons?|ways?|tips|tricks|hacks|facts|signs|times|steps|rules|lessons|mistakes|secrets|ideas|questions|habits|examples|moments|photos|pictures|pics|gifs|tweets|quotes|products|recipes|books|words|places|gifts|memes|videos|foods|struggles|thoughts|stages|myths|principles|tools|strategies|truths'

/** Cues of a line that wants to be read on, each by itself a reason that a reader can check. Lower and upper case are alike. */
const patterns: Readonly<Record<string, RegExp>> = {
  numberFirst: /^\W*\d+(?!\S*\d*(?:st|nd|rd|th|%|:|\/))\b/,
  numberWordFirst: new RegExp(`^\\W*(?:the )?(?:${numberWord})\\b`),
  number: /(?<![\w.])[$€£]?\d[\d,.]*(?:%|k\b|x\b|m\b)?/,
  list: new RegExp(`\\b(?:\\d+|${numberWord})\\b(?: [^ ]+){0,4} (?:${listed})\\b`),
  listNoun: new RegExp(`\\b(?:${listed})\\b`),
  question: /\?/,
  questionWord: /^\W*(?:what|why|how|which|who|whose|when|where)\b/,
  yesNoQuestion:
    /^\W*(?:are|is|do|does|did|can|could|should|would|will|have|has|am) (?:you|we|i|your|this|it|the|there)\b/,
  quiz: /\b(?:which .{2,40} (?:are|should|do) (?:you|your)|can (?:you|we) (?:guess|name|identify|tell|spot|pass)|how (?:well|many|much|old|good|basic) .{0,30}\b(?:you|your)|quiz|we(?:'ll| will) (?:tell|guess)|(?:poll|test|find out)\b)/,
  howTo: /\b(?:how to|how i|how we|how you)\b/,
  whyWhat:
    /\b(?:this is (?:why|what|how)|that's (?:why|what|how)|here'?s (?:why|what|how)|the reason|reasons? why|what happens|what happened|what it'?s like)\b/,
  secondPerson: /\b(?:you|your|yours|you're|you'll|you've|you'd|yourself)\b/,
  firstPerson: /\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself)\b/,
  firstPlural: /\b(?:we|we're|we've|us|our|ours)\b/,
  heShe: /\b(?:he|she|his|her|him|hers|he's|she's)\b/,
  they: /\b(?:they|them|their|it|its|it's)\b/,
  demonstrative: /\b(?:this|these|those)\b/,
  demonstrativeFirst: /^\W*(?:this|these|here|here's|there's|that|when|so|it's|if|watch|meet)\b/,
  forward:
    /\b(?:won't believe|will (?:make|blow|change|shock|surprise|leave|give|restore|melt)|you'll (?:never|want|love|be)|guess what|turns out|find out|wait (?:until|till)|next|secret(?:ly)?|truth about|nobody (?:tells|talks)|no one (?:tells|talks)|never (?:knew|heard)|didn't know|don't know|might not|hidden|surpris\w+|mind-?blow\w+|apparently)\b/,
  superlative: /\b(?:best|worst|most|greatest|biggest|ultimate|perfect|definitive|\w{3,}(?:iest|gest|test|dest))\b/,
  absolute:
    /\b(?:ever|never|always|every|everything|only|all|nothing|no one|nobody|anyone|totally|completely|forever)\b/,
  negation: /\b(?:not|no|never|stop|without|neither|nothing|\w+n't|isn't|avoid)\b/,
  emotive:
    /\b(?:amazing|incredible|hilarious|adorable|insane(?:ly)?|shocking|awesome|beautiful(?:ly)?|gorgeous|crazy|weird(?:ly)?|creepy|terrifying|heartbreaking|stunning|brilliant(?:ly)?|genius|cute|cutest|funny|epic|ridiculous(?:ly)?|awkward|delicious|magical|badass|sexy|hot|powerful|inspiring|touching|unbelievable|brutal|disturbing|cool|fun|favorite|important|love|hate|obsessed|happy|sad)\b/,
  intensifier:
    /\b(?:really|actually|so|too|very|literally|definitely|basically|truly|seriously|just|probably|absolutely|even|pretty|super|kinda|still|way)\b/,
  contraction: /\b\w+'(?:s|t|ll|re|ve|d|m)\b/,
  benefit:
    /\b(?:tips?|tricks?|hacks?|guide|learn|save|improve|free|easy|easier|simple|simply|better|faster|need to|should|must|help|make (?:you|your)|get (?:you|your)|boost|grow|earn|double|build|beginner'?s?|cheat ?sheet|without|instantly|in minutes|diy)\b/,
  people: new RegExp(`\\b(?:${people})\\b`),
  media:
    /\b(?:watch|video|photos?|pictures?|pics|gifs?|memes?|tweets?|instagram|facebook|youtube|selfies?|internet|celebrit\w+|movies?|tv|show|song|characters?|netflix|makeup|hair|food|dogs?|cats?|college|dating|halloween|christmas)\b/,
  imperative:
    /^\W*(?:watch|meet|see|look|check|try|take|find|stop|read|listen|remember|learn|don't|never|make|get|let|forget|imagine|think|say|tell|ask|start|use|give|keep|try)\b/,
  news: /\b(?:says?|said|kills?|killed|dies|died|dead|deaths?|police|court|judge|government|minister|president|senate|parliament|elections?|votes?|bombs?|bombing|attacks?|talks|reports?|reported|charged|arrest\w*|sentenced|convicted|trial|troops|war|military|army|rebels?|strikes?|protest\w*|crash(?:es|ed)?|quake|earthquake|hurricane|flood\w*|storm|fire|wins?|beats?|defeats?|victory|cup|league|match|final|championship|profits?|shares?|stocks?|banks?|economy|deal|bid|merger|sues?|lawsuit|ban(?:s|ned)?|law|bill|leaders?|officials?|nations?|u\.?s\.?|u\.?n\.?|e\.?u\.?|iraq|iran|china|russia|india|israel|pakistan|afghan\w*|korea|nuclear|oil|tax|budget|crisis|launch(?:es|ed)?|announces?d?|warns?|seeks?|urges?|agrees?|rejects?|denies|resigns?|elected|suspected|injur\w+|killing|party|plans?|party|outbreak|flu|virus|percent|million|billion|researchers|scientists|study)\b/,
  newsShape: /\b(?:in|at|over|after|amid|as|for|of|against|by) [\w'-]+(?: [\w'-]+)?$/,
  colon: /[:;]/,
  quote: /["“”]/,
  exclamation: /!/,
  ellipsis: /\.\.\.|…/,
  pastFirst: /^\W*\w+ (?:\w+ )?(?:\w{3,}ed)\b/,
  thirdFirst: /^\W*(?:[\w.'-]+ ){1,4}\w{3,}[^s'u]s (?:\w+ )/,
  storyOpening:
    /^\W*(?:i (?:was|had|have|just|once|used|grew|lost|quit|spent|remember|met|woke|got|made|never|started|built|tried|went|thought|learned|failed)|(?:last|one|two|three|five|ten|\d+) (?:night|week|month|year|years|months|weeks|days|day|morning|summer)(?: ago)?\b|when i|it was|back in|growing up|in (?:19|20)\d\d,?|years ago|a few (?:years|months|weeks|days) ago|my (?:first|mother|mom|father|dad|wife|husband|boss|son|daughter|grandmother|friend))\b/,
  controversy:
    /\b(?:wrong|overrated|underrated|unpopular|lie|lies|lying|myth|myths|scam|broken|dead|dying|stop|hate|worst|stupid|nobody|hot take|truth|rant|harmful|considered harmful|useless|waste|bullshit|overhyped|ruin\w*|kill\w*|problem with|case against|don't need|nonsense|toxic|failed|fail|outdated|never should|terrible|disaster|fraud|hypocri\w+)\b/,
}

/** @param text a title or a first sentence */
export function hookCues(text: string, rankOf: RankOf): Cues {
  const line = text.trim().toLowerCase().replaceAll('’', "'")
  const cues: Record<string, number> = {}
  for (const cue in patterns) if (patterns[cue]?.test(line)) cues[cue] = 1
  const words = readWords(line)
  if (words.length === 0) return cues
  const stopWords = stopWordsOf('en')
  const ranks = words.map(({ lower }) => (/^\d/.test(lower) ? 500 : rankOf(lower.replace(/'.*$/, ''))))
  const share = (count: number) => count / words.length
  cues.stopWordShare = share(words.filter(({ lower }) => stopWords?.has(lower)).length)
  cues.commonShare = share(ranks.filter((rank) => rank < 600).length)
  cues.rareShare = share(ranks.filter((rank) => rank > 8000).length)
  cues.meanLogRank = ranks.reduce((sum, rank) => sum + Math.log(rank), 0) / words.length / 5
  cues.wordLength = words.reduce((sum, { lower }) => sum + lower.length, 0) / words.length / 5
  cues.length = Math.min(words.length, 30) / 10
  cues.lengthSquared = cues.length ** 2
  cues.adverb = words.filter(({ lower }) => /\w{3,}ly$/.test(lower)).length
  return cues
}
