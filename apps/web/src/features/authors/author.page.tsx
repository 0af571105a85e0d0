export function AuthorPage() { return null }
