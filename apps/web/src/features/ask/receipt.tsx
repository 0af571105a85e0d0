import { PreviewCard } from '@base-ui/react/preview-card'
import { Link } from '@tanstack/react-router'
import { useFormat } from '../../format.ts'
import { useText } from '../../text/text.ts'
import { markOf } from '../read/mark.ts'
import type { Answer, Sentence } from './ask.queries.ts'
import { excerpt } from './excerpt.ts'

interface ReceiptProps {
  readonly number: number
  readonly found: Answer['passages'][number]
  readonly receipt: Sentence['receipts'][number] | undefined
}

/** A number that shows its passage on hover and focus, and opens the piece at the very words. */
export function Receipt({ number, found: { passage, content }, receipt }: ReceiptProps) {
  const text = useText().ask
  const format = useFormat()
  const isInText = receipt?.part === 'text'
  const search = isInText ? { at: `${receipt.start}-${receipt.end}` } : { mark: markOf(passage.text) }
  return (
    <PreviewCard.Root>
      <PreviewCard.Trigger
        delay={150}
        closeDelay={150}
        render={
          <Link
            to="/read/$contentId"
            params={{ contentId: content.id }}
            search={search}
            className="receipt"
            aria-label={text.receipt(number, content.title)}
            preload={false}
          />
        }
      >
        {number}
      </PreviewCard.Trigger>
      <PreviewCard.Portal>
        <PreviewCard.Positioner sideOffset={6} collisionPadding={12}>
          <PreviewCard.Popup className="preview">
            <p className="preview-title">{content.title}</p>
            <p className="preview-who">
              {[content.author, content.publishedAt && format.day(content.publishedAt)].filter(Boolean).join(', ')}
            </p>
            {receipt && !isInText && receipt.part !== 'text' && (
              <p className="preview-who">{text.standsIn[receipt.part]}</p>
            )}
            <blockquote dir="auto">{excerpt(passage.text)}</blockquote>
          </PreviewCard.Popup>
        </PreviewCard.Positioner>
      </PreviewCard.Portal>
    </PreviewCard.Root>
  )
}
