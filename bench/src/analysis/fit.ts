import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { feelings, type Weights } from '@extropy/api/analysis'
import { fitLogistic } from './fit-logistic.ts'
import { feelingRows, feelingRowsOf, hookRows, pairRows, phraseRows } from './judged-rows.ts'
import { penalties } from './penalties.ts'

/**
 * `pnpm analyze:fit --data DIR`: fits the analysis' coefficients on judged data and writes them beside the methods. The data itself is
 * not shipped; `pnpm bench analysis` cross-validates the same fits.
 */
const { values } = parseArgs({ options: { data: { type: 'string' } } })
if (values.data === undefined) throw new Error('give the folder of judged data: --data DIR')

/** Chances of «neutral» count so much more: it is the class that a one-against-all fit says too seldom. */
const neutralFactor = 1.3

write('hooks', {
  source:
    'Headlines of Chakraborty et al., ASONAM 2016 (bhargaviparanjape/clickbait, MIT) and posts of Webis Clickbait-17 (CC BY 4.0): coefficients alone',
  weights: fitLogistic(hookRows(values.data), penalties.hooks),
})
const feelingsGiven = feelingRowsOf(feelingRows(values.data))
write('sentiment', {
  source:
    'VADER ground truth (MIT), TweetEval sentiment (SemEval-2017 task 4A) and SST-2 test sentences, for research: coefficients alone',
  neutralFactor,
  weights: Object.fromEntries(
    feelings.map((feeling) => [feeling, fitLogistic(feelingsGiven[feeling] ?? [], penalties.sentiment)]),
  ),
})
write('keyphrases', {
  source: 'Inspec (Hulth 2003), SemEval-2017 task 10, KPCrowd and WikiNews, for research: coefficients alone',
  weights: fitLogistic(
    phraseRows(values.data).flatMap(({ rows }) => rows),
    penalties.keyphrases,
    8,
  ),
})

write('same-saying', {
  source: 'STS benchmark, MRPC and SICK, for research: coefficients alone',
  weights: fitLogistic(await pairRows(values.data), penalties.sameSaying),
})

function write(
  name: string,
  model: {
    readonly neutralFactor?: number
    readonly source: string
    readonly weights: Weights | Record<string, Weights>
  },
) {
  const file = new URL(`../../../packages/api/src/analysis/weights/${name}.json`, import.meta.url)
  writeFileSync(file, `${JSON.stringify(model, null, 2)}\n`)
}
