import { PageHead } from '../../frame/page-head.tsx'
import './tokens.css'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { tokens } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { NeedsKey } from '../../session/needs-key.tsx'
import { useText } from '../../text/text.ts'
import { Ledger } from './ledger.tsx'
import { ledgerTypes, statsOptions } from './tokens.queries.ts'
import { TransferForm } from './transfer-form.tsx'

const route = getRouteApi('/tokens')

export function TokensPage() {
  const text = useText().tokens
  useTitle(text.title)
  return (
    <>
      <PageHead title={text.title} lead={text.lead} />
      <NeedsKey>{(me) => <Account userId={me.id} />}</NeedsKey>
    </>
  )
}

function Account({ userId }: { userId: string }) {
  const text = useText().tokens
  const { type } = route.useSearch()
  const { data: stats, error, refetch } = useQuery(statsOptions(userId))
  if (error) return <Failure error={error} onRetry={refetch} />
  if (!stats) return <Loading />
  return (
    <div className="account">
      <section aria-label={text.balance} className="balance">
        <p className="balance-amount" data-testid="balance">
          {tokens(stats.balance)} <small>{text.balance}</small>
        </p>
        <dl className="facts balance-parts">
          {(['earned', 'received', 'attributed', 'sent', 'paid'] as const).map((name) => (
            <div key={name}>
              <dt>{text.stats[name]}</dt>
              <dd>{tokens(stats[name])}</dd>
            </div>
          ))}
        </dl>
      </section>
      <TransferForm userId={userId} balance={stats.balance} />
      <Ledger userId={userId} type={ledgerTypes.find((each) => each === type)} />
    </div>
  )
}
