import { useText } from '../text/text.ts'
import { Modal } from './modal.tsx'
import { setSingleKeys, singleKeys } from './shortcuts.ts'

const keys = [
  ['Ctrl K', 'palette'],
  ['/', 'ask'],
  ['j', 'next'],
  ['k', 'previous'],
  ['o', 'open'],
  ['?', 'help'],
] as const

export function Help({ onClose }: { onClose: () => void }) {
  const text = useText()
  return (
    <Modal onClose={onClose} title={text.keyboard.title}>
      <dl className="shortcuts">
        {keys.map(([key, name]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text.keyboard.keys[name]}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input type="checkbox" checked={singleKeys.use()} onChange={(event) => setSingleKeys(event.target.checked)} />
        <span>
          {text.keyboard.on}
          <small>{text.keyboard.onHint}</small>
        </span>
      </label>
      <div className="row">
        <button type="button" onClick={onClose}>
          {text.state.close}
        </button>
      </div>
    </Modal>
  )
}
