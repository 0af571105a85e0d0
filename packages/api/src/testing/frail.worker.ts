/** A model that ends its thread where a text says so, as one that is killed or out of memory does. */
// biome-ignore lint/style/noDefaultExport: piscina calls it
export default async (text: string): Promise<Float32Array | undefined> => {
  if (text.includes('fatal')) process.exit(1)
  return text === '' ? undefined : Float32Array.of(1, 0)
}
