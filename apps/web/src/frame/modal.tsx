import { Dialog } from '@base-ui/react/dialog'
import type { ReactNode } from 'react'

/** A dialog over the page; Escape and a click beside it close it, and focus returns to where it was. */
export function Modal({ title, children, onClose, className = '' }: ModalProps) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className={`modal ${className}`}>
          <Dialog.Title className="modal-title">{title}</Dialog.Title>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

interface ModalProps {
  readonly title: string
  readonly children: ReactNode
  readonly onClose: () => void
  readonly className?: string
}
