import { Link } from '@tanstack/react-router'
import { useText } from '../../text/text.ts'

/** What is followed, and the work on it: two addresses, one page to a person. */
export function SourceViews() {
  const text = useText()
  return (
    <nav className="tabs" aria-label={text.sources.views}>
      <Link to="/sources" activeOptions={{ exact: true }}>
        {text.sources.title}
      </Link>
      <Link to="/jobs" activeOptions={{ includeSearch: false }}>
        {text.jobs.title}
      </Link>
    </nav>
  )
}
