import { isExtropyError } from '@extropy/client'
import { Link } from '@tanstack/react-router'
import { useText } from '../text/text.ts'
import { Failure } from './failure.tsx'
import { useTitle } from './use-title.ts'

export function NoSuchPage() {
  const { state } = useText()
  return <Nowhere title={state.noSuchPage} why={state.noSuchPageHint} />
}

/** In the place of a page whose thing cannot be shown. */
export function PageFailure({ error, onRetry }: { error: unknown; onRetry: () => unknown }) {
  const { state } = useText()
  const isMissing = isExtropyError(error) && error.data?.reason === 'not_found'
  // Asked for again, it would be as missing.
  return isMissing ? <Nowhere title={state.notHere} why={state.missing} /> : <Failure error={error} onRetry={onRetry} />
}

function Nowhere({ title, why }: { title: string; why: string }) {
  const { nav } = useText()
  useTitle(title)
  return (
    <section className="page narrow" role="alert">
      <h1>{title}</h1>
      <p className="lead">{why}</p>
      <p className="way-on">
        <Link to="/" className="button">
          {nav.ask}
        </Link>
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
