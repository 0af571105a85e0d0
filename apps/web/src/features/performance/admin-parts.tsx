import { useFormat } from '../../format.ts'
import { Scroll } from '../../frame/scroll.tsx'
import { useText } from '../../text/text.ts'
import type { Performance } from './performance.queries.ts'

/** Statements, indexes and tables: shown to admins, and otherwise the reason why they are not. */
export function AdminParts({ of }: { of: Performance }) {
  const text = useText().performance
  const { slowest_statements: statements, indexes, tables, not_shown: notShown } = of
  const reasons = [...new Set(Object.values(notShown))]
  return (
    <>
      {statements && <Statements of={statements} />}
      {indexes && (
        <section>
          <h2>{text.indexes}</h2>
          <dl className="facts index-facts">
            {(
              [
                [text.unused, indexes.unused.map(({ index }) => index)],
                [text.missing, indexes.missing],
                [text.invalid, indexes.invalid],
                [text.bloated, indexes.bloated.map(({ index }) => index)],
              ] as const
            ).map(([name, list]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className={list.length > 0 ? 'mono' : ''}>{list.join(', ') || text.noneOf}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {tables && <Tables of={tables} />}
      {(statements ?? indexes ?? tables) === null && <p className="notice">{text.adminOnly}</p>}
      {(statements ?? indexes ?? tables) !== null &&
        reasons.map((reason) => (
          <p key={reason} className="notice">
            {reason}
          </p>
        ))}
    </>
  )
}

function Statements({ of }: { of: NonNullable<Performance['slowest_statements']> }) {
  const text = useText().performance
  const format = useFormat()
  return (
    <section>
      <h2>{text.statements}</h2>
      <Scroll label={text.statements}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text.statement}</th>
              <th scope="col" className="number">
                {text.calls}
              </th>
              <th scope="col" className="number">
                {text.mean}
              </th>
              <th scope="col" className="number">
                {text.total}
              </th>
            </tr>
          </thead>
          <tbody>
            {of.map(({ query, calls, mean_ms: mean, total_ms: total }) => (
              <tr key={query}>
                <td className="mono statement">{query}</td>
                <td className="number">{format.number(calls)}</td>
                <td className="number">{format.number(mean, 2)} ms</td>
                <td className="number">{format.number(total)} ms</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}

function Tables({ of }: { of: NonNullable<Performance['tables']> }) {
  const text = useText().performance
  const format = useFormat()
  return (
    <section>
      <h2>{text.tables}</h2>
      <Scroll label={text.tables}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text.table}</th>
              <th scope="col" className="number">
                {text.rows}
              </th>
              <th scope="col" className="number">
                {text.dead}
              </th>
            </tr>
          </thead>
          <tbody>
            {of.map(({ table, live_rows: rows, dead_share: dead }) => (
              <tr key={table}>
                <th scope="row" className="mono">
                  {table}
                </th>
                <td className="number">{format.number(rows)}</td>
                <td className="number">{format.percent(dead)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}
