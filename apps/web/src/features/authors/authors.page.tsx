export function AuthorsPage() { return null }
