import { useEffect, useState } from 'react'

/** The value once it has stood still for so long. */
export function useLater<Value>(value: Value, waitMs: number): Value {
  const [later, setLater] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), waitMs)
    return () => clearTimeout(timer)
  }, [value, waitMs])
  return later
}
