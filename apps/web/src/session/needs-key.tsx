import { type ReactNode, useState } from 'react'
import { Failure } from '../frame/failure.tsx'
import { Loading } from '../frame/loading.tsx'
import { useText } from '../text/text.ts'
import { session } from './session.ts'
import { SignIn } from './sign-in.tsx'
import { useMe } from './use-me.ts'

interface Me {
  readonly id: string
  readonly username: string
  readonly displayName: string
}

/** What only a key's user sees; to everybody else, the way to use a key. */
export function NeedsKey({ children }: { children: (me: Me) => ReactNode }) {
  const text = useText()
  const { key } = session.use()
  const me = useMe()
  const [isOpen, setIsOpen] = useState(false)
  if (me.data && key !== undefined) return children(me.data)
  if (me.error && key !== undefined) return <Failure error={me.error} onRetry={me.refetch} />
  if (key !== undefined) return <Loading />
  return (
    <div className="needs-key">
      <p>{text.state.needsKey}</p>
      <button type="button" className="primary" onClick={() => setIsOpen(true)}>
        {text.session.signIn}
      </button>
      {isOpen && <SignIn onClose={() => setIsOpen(false)} />}
    </div>
  )
}
