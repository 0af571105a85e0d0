/** Tells the benchmark which port this program got, and ends with it. */
export function listening(port: number): void {
  process.on('disconnect', () => process.exit())
  process.send?.({ port })
}

/** A setting that the benchmark gives its programs. */
export function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: this program is started by the benchmark`)
  return value
}
