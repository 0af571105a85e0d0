import { useFormat } from '../../format.ts'
import { Scroll } from '../../frame/scroll.tsx'
import { useText } from '../../text/text.ts'
import { type Month, monthsOf } from './rhythm.ts'

const height = 96
/** Of the chart, with room for the last year beneath it; on a phone as wide as its page. */
const widest = () => Math.min(640, innerWidth - 90)

/** Bars by month, and the same as a table for those who do not see them. */
export function RhythmChart({ dates }: { dates: readonly (string | null)[] }) {
  const text = useText().authors
  const format = useFormat()
  const months = monthsOf(dates)
  if (months.length === 0) return null
  const most = Math.max(...months.map(({ count }) => count))
  const step = Math.max(3, Math.min(28, widest() / months.length))
  const undated = dates.filter((date) => date === null).length
  const years = months.filter(({ month }, index) => index === 0 || month.endsWith('-01'))
  const every = Math.ceil(years.length / Math.max(1, Math.floor((months.length * step) / 48)))
  const place = ({ month }: Month) => months.findIndex((each) => each.month === month) * step
  return (
    <figure className="rhythm">
      <figcaption className="quiet">
        {text.rhythmOf(format.number(dates.length))}
        {undated > 0 && ` · ${text.undated(format.number(undated))}`}
      </figcaption>
      <Scroll label={text.rhythm}>
        <svg width={months.length * step + 40} height={height + 24} aria-hidden="true">
          {months.map(({ month, count }, index) => (
            <rect
              key={month}
              x={index * step}
              y={height - (count / most) * height}
              width={Math.max(1.5, step - 2)}
              height={(count / most) * height}
            >
              <title>{`${format.month(`${month}-01`)}: ${count}`}</title>
            </rect>
          ))}
          <line x1={0} x2={months.length * step} y1={height + 0.5} y2={height + 0.5} />
          {years
            .filter((_, index) => index % every === 0)
            .map((each) => (
              <text key={each.month} x={place(each)} y={height + 18}>
                {each.month.slice(0, 4)}
              </text>
            ))}
        </svg>
      </Scroll>
      <details>
        <summary>{text.asTable}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{text.month}</th>
              <th scope="col" className="number">
                {text.count}
              </th>
            </tr>
          </thead>
          <tbody>
            {months
              .filter(({ count }) => count > 0)
              .map(({ month, count }) => (
                <tr key={month}>
                  <th scope="row">{format.month(`${month}-01`)}</th>
                  <td className="number">{count}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}
