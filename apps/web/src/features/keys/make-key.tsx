import type { Outputs } from '@extropy/client'
import type { FormEvent } from 'react'
import { Failure } from '../../frame/failure.tsx'
import { useText } from '../../text/text.ts'
import { useMakeKey } from './keys.queries.ts'

const scopes = ['read', 'write', 'admin'] as const

export function MakeKey({ onMade }: { onMade: (made: Outputs['keys']['create']) => void }) {
  const text = useText().keys
  const make = useMakeKey()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    const until = String(given.get('until'))
    const made = await make
      .mutateAsync({
        name: String(given.get('name')).trim(),
        scopes: scopes.filter((scope) => given.getAll('scopes').includes(scope)),
        ...(until && { expiresAt: new Date(`${until}T23:59:59`).toISOString() }),
      })
      .catch(() => undefined)
    if (made === undefined) return
    form.reset()
    onMade(made)
  }
  return (
    <form className="make-key stack" aria-label={text.make} onSubmit={(event) => void submit(event)}>
      <h2>{text.make}</h2>
      <label className="field">
        {text.name}
        <input name="name" required maxLength={100} autoComplete="off" placeholder={text.nameHint} />
      </label>
      <fieldset>
        <legend>{text.scopes}</legend>
        {scopes.map((scope) => (
          <label key={scope} className="check">
            <input type="checkbox" name="scopes" value={scope} defaultChecked={scope === 'read'} /> {text.scope[scope]}
          </label>
        ))}
      </fieldset>
      <label className="field">
        {text.expires}
        <input name="until" type="date" />
        <small>{text.expiresHint}</small>
      </label>
      {make.error && <Failure error={make.error} />}
      <button type="submit" className="primary" disabled={make.isPending}>
        {text.submit}
      </button>
    </form>
  )
}
