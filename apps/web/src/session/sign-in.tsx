import { lazy, Suspense } from 'react'

const SignInDialog = lazy(() => import('./sign-in-dialog.tsx').then((module) => ({ default: module.SignInDialog })))

/** Where a key is pasted. */
export function SignIn({ onClose }: { onClose: () => void }) {
  return (
    <Suspense>
      <SignInDialog onClose={onClose} />
    </Suspense>
  )
}
