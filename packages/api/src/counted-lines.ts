interface LastLine {
  readonly type: 'done'
  readonly lines: number
}

/** An archive's lines, and behind them one that says how many there were: an archive without it broke off. */
export async function* countedLines<Line extends object, Last extends object>(
  lines: AsyncIterable<Line>,
  last: () => Last,
): AsyncGenerator<Line | (LastLine & Last), void> {
  let count = 0
  for await (const line of lines) {
    yield line as Awaited<Line>
    count++
  }
  yield { type: 'done', lines: count, ...last() } as Awaited<LastLine & Last>
}
