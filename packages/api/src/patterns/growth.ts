import { findElaborations, parentsOf } from './elaborations.ts'
import type { Evidence } from './pattern.ts'
import { type GivenContent, type Profile, profileOf } from './profile.ts'
import { stepOf } from './relations.ts'
import { jaccardOf, leastJaccard } from './reprints.ts'

/** Higher than within an author's own contents: nobody is asked to pay for a chance likeness. */
const leastCoverage = 0.7
/**
 * Every word says as much: the others were chosen because they share the rarest ones, which look common among them. Of the planted chains
 * (decision 93) weights by the words' rank in the vocabulary found the same.
 */
const wordInformation = 3

/**
 * What one text grew out of, the strongest of the others, and what grew out of it: by words alone. `contentId` is the newer one's id and
 * `from` the older one's; the surest first.
 */
export function findGrowth(one: GivenContent, others: readonly GivenContent[]): Evidence[] {
  const self = profileOf(one)
  const areReprints = (a: Profile, b: Profile) => jaccardOf(a.shingles, b.shingles) >= leastJaccard
  const { found } = findElaborations([self, ...others.map(profileOf)], areReprints, undefined, () => wordInformation)
  const sure = found.filter(({ coverage }) => coverage >= leastCoverage)
  const parent = parentsOf(sure).get(self)
  return sure
    .filter((each) => each === parent || each.older === self)
    .sort((a, b) => b.coverage - a.coverage || (a.newer.id < b.newer.id ? -1 : 1))
    .map(stepOf)
}
