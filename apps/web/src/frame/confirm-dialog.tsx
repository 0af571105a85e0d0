import { AlertDialog } from '@base-ui/react/alert-dialog'
import { useText } from '../text/text.ts'

export interface ConfirmProps {
  readonly title: string
  readonly question: string
  readonly yes: string
  readonly onYes: () => void
  readonly onClose: () => void
}

export function ConfirmDialog({ title, question, yes, onYes, onClose }: ConfirmProps) {
  const text = useText().state
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="modal">
          <AlertDialog.Title className="modal-title">{title}</AlertDialog.Title>
          <AlertDialog.Description>{question}</AlertDialog.Description>
          <div className="row">
            <button
              type="button"
              className="danger"
              onClick={() => {
                onYes()
                onClose()
              }}
            >
              {yes}
            </button>
            <AlertDialog.Close>{text.cancel}</AlertDialog.Close>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
