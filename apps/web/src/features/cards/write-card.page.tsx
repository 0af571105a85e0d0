export function WriteCardPage() { return null }
