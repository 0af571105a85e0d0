const [width, height, slots] = [360, 64, 120]

/** Shares from 0 to 1 over time, the newest at the right. */
export function Line({ values, label }: { values: readonly number[]; label: string }) {
  const step = width / (slots - 1)
  const left = width - (values.length - 1) * step
  const points = values.map((value, index) => {
    return `${(left + index * step).toFixed(1)} ${((1 - value) * (height - 4) + 2).toFixed(1)}`
  })
  return (
    <svg className="line" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} preserveAspectRatio="none">
      <line x1="0" x2={width} y1={height - 1} y2={height - 1} />
      <line x1="0" x2={width} y1="1" y2="1" />
      <path d={points.length === 0 ? '' : `M${points.join('L')}h0.1`} />
    </svg>
  )
}
