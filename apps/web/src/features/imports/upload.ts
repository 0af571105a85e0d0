import type { Outputs } from '@extropy/client'
import { session } from '../../session/session.ts'
import { createStore } from '../../store.ts'

export type Import = Outputs['imports']['byId']

interface Sending {
  readonly state: 'sending'
  readonly name: string
  readonly sentBytes: number
  readonly totalBytes: number
}

interface NotSent {
  readonly state: 'notSent'
  readonly name: string
  /** The server's words on the file; undefined where it was not reached. */
  readonly message: string | undefined
}

interface Sent {
  readonly state: 'sent'
  readonly name: string
  /** The import's, and its job's. */
  readonly id: string
}

/** The archive that is on its way, or was sent last. Outside of the page: going elsewhere in the app does not break it off. */
export const upload = createStore<Sending | NotSent | Sent | undefined>(undefined)

let request: XMLHttpRequest | undefined

/** Sends a file by its REST route: a file is no input of tRPC's, and `fetch` does not say how much of it has gone. */
export function sendArchive(file: File, { follow }: { readonly follow: boolean }): void {
  cancelSending()
  const { name } = file
  const sending = new XMLHttpRequest()
  request = sending
  const query = new URLSearchParams({ name, follow: String(follow) })
  sending.open('POST', `/api/imports?${query}`)
  sending.setRequestHeader('authorization', `Bearer ${session.get().key}`)
  sending.setRequestHeader('content-type', 'application/octet-stream')
  const progress = (sentBytes: number) => upload.set({ state: 'sending', name, sentBytes, totalBytes: file.size })
  sending.upload.addEventListener('progress', ({ loaded }) => progress(loaded))
  sending.addEventListener('load', () => {
    const answer = readAnswer(sending.responseText)
    if (sending.status === 202 && answer.id !== undefined) upload.set({ state: 'sent', name, id: answer.id })
    else upload.set({ state: 'notSent', name, message: answer.error?.message })
  })
  sending.addEventListener('error', () => upload.set({ state: 'notSent', name, message: undefined }))
  progress(0)
  sending.send(file)
}

/** Of what has not arrived by then nothing stays. */
export function cancelSending(): void {
  request?.abort()
  request = undefined
  upload.set(undefined)
}

function readAnswer(text: string): { readonly id?: string; readonly error?: { readonly message?: string } } {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
