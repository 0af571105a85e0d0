import { Link } from '@tanstack/react-router'
import { useText } from '../text/text.ts'
import { useTitle } from './use-title.ts'

export function NoSuchPage() {
  const text = useText()
  useTitle(text.state.noSuchPage)
  return (
    <section className="page narrow">
      <h1>{text.state.noSuchPage}</h1>
      <p className="lead">{text.state.noSuchPageHint}</p>
      <p>
        <Link to="/">{text.nav.ask}</Link>
      </p>
    </section>
  )
}

export function Crashed() {
  const text = useText()
  return (
    <section className="page narrow" role="alert">
      <p className="lead">{text.state.crashed}</p>
      <button type="button" onClick={() => location.reload()}>
        {text.state.again}
      </button>
    </section>
  )
}
