const [width, height, slots] = [360, 64, 120]

/** Shares from 0 to 1 over time, the newest at the right; a gap where there was nothing to measure. */
export function Line({ values, label }: { values: readonly (number | undefined)[]; label: string }) {
  const step = width / (slots - 1)
  const left = width - (values.length - 1) * step
  const segments = values.map((value, index) => {
    if (value === undefined) return ''
    const isFirst = values[index - 1] === undefined
    return `${isFirst ? 'M' : 'L'}${(left + index * step).toFixed(1)} ${((1 - value) * (height - 4) + 2).toFixed(1)}${isFirst ? 'h0.1' : ''}`
  })
  return (
    <svg className="line" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} preserveAspectRatio="none">
      <line x1="0" x2={width} y1={height - 1} y2={height - 1} />
      <line x1="0" x2={width} y1="1" y2="1" />
      <path d={segments.join('')} />
    </svg>
  )
}
