/** Says whether there is a network, and whether the page could do without. */
export function showNetwork(line: HTMLElement): void {
  const show = (): void => {
    const isKept = 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null
    if (!navigator.onLine) line.textContent = 'No network, none needed'
    else line.textContent = isKept ? 'Works without network' : ''
  }
  for (const type of ['online', 'offline']) addEventListener(type, show)
  if ('serviceWorker' in navigator) navigator.serviceWorker.addEventListener('controllerchange', show)
  show()
}
