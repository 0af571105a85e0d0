/** A language model that says the first passage's first sentence, and tells how many characters went in and out. */
export function createFakeWriter(onUsed: (characters: number) => void) {
  return {
    model: 'fake',
    async *write({ system, user }: { readonly system: string; readonly user: string }) {
      const [sentence = 'Nothing is known.'] = /[A-Z][^.!?\n]*(?:moon|submarine)[^.!?\n]*\./.exec(user) ?? []
      const said = `${sentence.replace(/\.$/, '')} [1].`
      onUsed(system.length + user.length + said.length)
      yield said
    },
  }
}
