/** What browsers that can install pages send; it is in no standard yet. */
interface InstallPromptEvent extends Event {
  prompt(): Promise<unknown>
}

/**
 * Offers to install the page where the browser can do that.
 *
 * @param button - Shown only then.
 */
export function offerInstall(button: HTMLButtonElement): void {
  let offer: InstallPromptEvent | undefined
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    offer = event as InstallPromptEvent
    button.classList.add('is-offered')
  })
  button.addEventListener('click', () => {
    button.classList.remove('is-offered')
    void offer?.prompt()
  })
}
