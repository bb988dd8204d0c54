import { create, createButton } from './create.js'

/** What is asked before something is lost. */
export interface Question {
  readonly title: string
  /** What would happen, in a sentence or two. */
  readonly text: string
  /** What the button says that does it. */
  readonly action: string
}

/**
 * Asks in a dialog. The focus begins at Cancel, which Escape is too, and goes back to where it was.
 *
 * @param question - What is asked.
 * @returns Whether it may be done.
 */
export function ask({ title, text, action }: Question): Promise<boolean> {
  const opener = document.activeElement
  const heading = create('h2', { id: 'question-title' }, [title])
  const dialog = create('dialog', { class: 'question card', 'aria-labelledby': heading.id }, [
    heading,
    create('p', {}, [text]),
  ])
  const close = (answer: string) => () => {
    dialog.close(answer)
  }
  const cancel = createButton('Cancel', close(''), { autofocus: true })
  const confirm = createButton(action, close('yes'), { class: 'danger' })
  dialog.append(create('div', { class: 'row question-buttons' }, [cancel, confirm]))
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
      resolve(dialog.returnValue === 'yes')
    })
  })
}
