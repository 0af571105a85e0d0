/** A page's title and its one sentence. */
export function PageHead({ title, lead }: { readonly title: string; readonly lead: string }) {
  return (
    <div className="page-head">
      <div>
        <h1>{title}</h1>
        <p>{lead}</p>
      </div>
    </div>
  )
}
