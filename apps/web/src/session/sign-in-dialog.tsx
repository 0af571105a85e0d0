import { Dialog } from '@base-ui/react/dialog'
import { createClient, isExtropyError } from '@extropy/client'
import { type FormEvent, useState } from 'react'
import { queries } from '../extropy.ts'
import { Failure } from '../frame/failure.tsx'
import { Modal } from '../frame/modal.tsx'
import { useText } from '../text/text.ts'
import { session } from './session.ts'

/** The key is tried before it is used: a wrong one would be refused everywhere, on public pages too. */
export function SignInDialog({ onClose }: { onClose: () => void }) {
  const text = useText().session
  const { close } = useText().state
  const [problem, setProblem] = useState<string | Error>()
  const [isChecking, setIsChecking] = useState(false)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const key = String(form.get('key')).trim()
    if (!/^extro_live_\S+$/.test(key)) return setProblem(text.malformed)
    setIsChecking(true)
    setProblem(undefined)
    try {
      const me = await createClient({ url: location.origin, apiKey: key }).users.me.query()
      session.begin(key, { keep: form.get('keep') === 'on' })
      queries.setQueryData(['me', key], me)
      await queries.invalidateQueries()
      onClose()
    } catch (error) {
      const isWrong = isExtropyError(error) && error.data?.reason === 'unauthenticated'
      setProblem(isWrong ? text.wrong : (error as Error))
    } finally {
      setIsChecking(false)
    }
  }

  return (
    <Modal onClose={onClose} title={text.title}>
      <Dialog.Description className="quiet">{text.why}</Dialog.Description>
      <form className="stack" onSubmit={submit}>
        <label className="field">
          {text.label}
          <input
            name="key"
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            aria-describedby="key-hint"
            aria-invalid={problem !== undefined}
          />
          <small id="key-hint">{text.hint}</small>
        </label>
        <label className="check">
          <input name="keep" type="checkbox" /> {text.keep}
        </label>
        {typeof problem === 'string' && <p role="alert">{problem}</p>}
        {problem instanceof Error && <Failure error={problem} />}
        <div className="row">
          <button type="submit" className="primary" disabled={isChecking}>
            {isChecking ? text.checking : text.submit}
          </button>
          <Dialog.Close className="plain">{close}</Dialog.Close>
        </div>
      </form>
    </Modal>
  )
}
