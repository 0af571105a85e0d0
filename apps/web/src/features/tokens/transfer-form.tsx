import { isExtropyError } from '@extropy/client'
import { type FormEvent, useId, useState } from 'react'
import { client } from '../../extropy.ts'
import { tokens } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { useText } from '../../text/text.ts'
import { readAmount, units } from './amounts.ts'
import { useTransfer } from './tokens.queries.ts'

export function TransferForm({ userId, balance }: { userId: string; balance: string }) {
  const text = useText().tokens.transfer
  const id = useId()
  const transfer = useTransfer(userId)
  const [problem, setProblem] = useState<{ field: 'to' | 'amount'; message: string }>()
  const [lookup, setLookup] = useState<unknown>()
  const [done, setDone] = useState<string>()

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    const username = String(given.get('to')).trim()
    const amount = readAmount(String(given.get('amount')))
    setDone(undefined)
    setLookup(undefined)
    if (amount === undefined) return setProblem({ field: 'amount', message: text.badAmount })
    if (units(amount) > units(balance)) return setProblem({ field: 'amount', message: text.short })
    setProblem(undefined)
    try {
      const user = await client.users.byUsername.query({ username })
      if (user.id === userId) return setProblem({ field: 'to', message: text.self })
      await transfer.mutateAsync({ toUserId: user.id, amount })
      setDone(text.done(tokens(amount), user.displayName))
      form.reset()
    } catch (error) {
      const isUnknown = isExtropyError(error) && error.data?.path === 'users.byUsername' && error.data.httpStatus < 500
      if (isUnknown && error.data?.reason !== 'rate_limited')
        setProblem({ field: 'to', message: text.noUser(username) })
      else setLookup(error)
    }
  }

  const fault = (field: 'to' | 'amount') =>
    problem?.field === field ? { 'aria-invalid': true, 'aria-describedby': `${id}-problem` } : {}
  return (
    <form className="transfer" onSubmit={(event) => void submit(event)} aria-label={text.title} noValidate>
      <h2>{text.title}</h2>
      <label className="field">
        {text.to}
        <input name="to" required autoComplete="off" autoCapitalize="none" placeholder={text.toHint} {...fault('to')} />
      </label>
      <label className="field">
        {text.amount}
        <input name="amount" required inputMode="decimal" autoComplete="off" placeholder="0.0" {...fault('amount')} />
        <small>{text.amountHint}</small>
      </label>
      {problem && (
        <p id={`${id}-problem`} role="alert" className="problem">
          {problem.message}
        </p>
      )}
      {lookup !== undefined && <Failure error={lookup} />}
      <button type="submit" className="primary" disabled={transfer.isPending}>
        {text.submit}
      </button>
      <p role="status">{done}</p>
    </form>
  )
}
