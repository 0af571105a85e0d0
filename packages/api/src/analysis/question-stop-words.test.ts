import { expect, test } from 'vitest'
import { stopWordsIn } from './question-stop-words.ts'

test.each([
  ['When was the lighthouse of Fanad built?', ['when', 'was', 'the', 'of']],
  ['Was wurde in dem Turm gebaut?', ['was', 'wurde', 'in', 'dem']],
  ['Quand le phare a-t-il été construit ?', ['quand', 'le', 'été']],
  ['Fanad lighthouse', []],
  ['', []],
])('%s: %j', (question, words) => {
  expect([...stopWordsIn(question)].sort()).toEqual(words.toSorted())
})
