import { elementById } from '../../in-page-search/src/element.js'

let putBack: (() => void) | undefined

/**
 * Says that a note was removed, and moves the focus to the button that takes it back.
 *
 * @param onUndo - Puts it back.
 */
export function offerUndo(note: string, onUndo: () => void): void {
  putBack = onUndo
  elementById('removed', HTMLElement).textContent = `“${note}” was removed.`
  elementById('undo', HTMLElement).hidden = false
  const button = elementById('undo-button', HTMLButtonElement)
  button.onclick = () => {
    putBack?.()
    hideUndo()
    elementById('note', HTMLInputElement).focus()
  }
  button.focus()
}

/** Takes the offer away: something newer has happened. */
export function hideUndo(): void {
  putBack = undefined
  elementById('undo', HTMLElement).hidden = true
}
