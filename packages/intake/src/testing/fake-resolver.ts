import type { Resolve } from '../fetch/resolve.ts'

export interface FakeResolver {
  readonly resolve: Resolve
  /** Every name that was asked for, in order. */
  readonly asked: readonly string[]
}

/**
 * A resolver of the test's own. A name's value is its addresses; a list of lists is given out one after the other, the last one
 * again and again, which is how rebinding works. Names that are not there do not resolve.
 */
export function createFakeResolver(
  names: Readonly<Record<string, readonly string[] | readonly (readonly string[])[]>>,
): FakeResolver {
  const asked: string[] = []
  return {
    asked,
    async resolve(hostname) {
      const answers = names[hostname]
      const turn = asked.filter((name) => name === hostname).length
      asked.push(hostname)
      const answer = answers && isTurns(answers) ? (answers[turn] ?? answers.at(-1)) : answers
      if (!answer) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' })
      return answer
    },
  }
}

function isTurns(
  answers: readonly string[] | readonly (readonly string[])[],
): answers is readonly (readonly string[])[] {
  return Array.isArray(answers[0])
}
