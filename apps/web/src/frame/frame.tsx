import { useIsFetching } from '@tanstack/react-query'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { session } from '../session/session.ts'
import { SignIn } from '../session/sign-in.tsx'
import { languages, setLanguage, useLanguage, useText } from '../text/text.ts'
import { pages } from './pages.ts'
import { useShortcuts } from './shortcuts.ts'
import { setTheme, theme, themes } from './theme.ts'
import { useOnline } from './use-online.ts'

const Palette = lazy(() => import('./palette.tsx').then(({ Palette }) => ({ default: Palette })))
const Help = lazy(() => import('./help.tsx').then(({ Help }) => ({ default: Help })))

export function Frame() {
  const text = useText()
  const navigate = useNavigate()
  const [open, setOpen] = useState<'sign-in' | 'palette' | 'help'>()
  const close = () => setOpen(undefined)
  useShortcuts({
    'Ctrl-k': () => setOpen('palette'),
    '?': () => setOpen('help'),
    '/': () => {
      const box = document.getElementById('question')
      if (box) box.focus()
      else void navigate({ to: '/' })
    },
  })
  return (
    <>
      <a className="skip" href="#content">
        {text.skip}
      </a>
      <header className="top">
        <Link to="/" className="mark" aria-label={text.frame.home}>
          Extropy
        </Link>
        <nav aria-label={text.nav.label}>
          {pages.map(([to, name]) => (
            <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }}>
              {text.nav[name]}
            </Link>
          ))}
        </nav>
        <div className="top-tools">
          <button type="button" className="find" onClick={() => setOpen('palette')}>
            {text.frame.find} <kbd>{text.frame.findHint}</kbd>
          </button>
          <SessionButton onSignIn={() => setOpen('sign-in')} />
        </div>
      </header>
      <Banners onSignIn={() => setOpen('sign-in')} />
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <Foot onHelp={() => setOpen('help')} />
      <Suspense>
        {open === 'sign-in' && <SignIn onClose={close} />}
        {open === 'palette' && <Palette onClose={close} />}
        {open === 'help' && <Help onClose={close} />}
      </Suspense>
    </>
  )
}

function SessionButton({ onSignIn }: { onSignIn: () => void }) {
  const text = useText().session
  const { key } = session.use()
  if (key === undefined) {
    return (
      <button type="button" onClick={onSignIn}>
        {text.signIn}
      </button>
    )
  }
  return (
    <button type="button" onClick={() => session.end()}>
      {text.signOut}
    </button>
  )
}

function Banners({ onSignIn }: { onSignIn: () => void }) {
  const text = useText()
  const { refused } = session.use()
  const isOnline = useOnline()
  const isFetching = useIsFetching({ predicate: ({ queryKey }) => queryKey[0] !== 'live' }) > 0
  return (
    <div className="banners">
      {isFetching && <div className="fetching" aria-hidden="true" />}
      {!isOnline && (
        <p className="banner" role="status">
          {text.state.offline}
        </p>
      )}
      {refused && (
        <p className="banner" role="alert">
          {text.session.refused}{' '}
          <button type="button" className="link" onClick={onSignIn}>
            {text.session.another}
          </button>
        </p>
      )}
    </div>
  )
}

function Foot({ onHelp }: { onHelp: () => void }) {
  const text = useText().frame
  return (
    <footer className="foot">
      <p>{text.licence}</p>
      <div className="foot-tools">
        <a href="/docs">{text.api}</a>
        <button type="button" className="link" onClick={onHelp}>
          {text.shortcuts}
        </button>
        <label>
          {text.theme}{' '}
          <select value={theme.use()} onChange={(event) => setTheme(event.target.value as (typeof themes)[number])}>
            {themes.map((each) => (
              <option key={each} value={each}>
                {text.themes[each]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {text.language}{' '}
          <select
            value={useLanguage()}
            onChange={(event) => void setLanguage(event.target.value as keyof typeof languages)}
          >
            {Object.entries(languages).map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
    </footer>
  )
}
