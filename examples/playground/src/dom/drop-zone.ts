/**
 * Lets files be dropped on an element.
 *
 * @param onDrop - Takes what was dropped. It must read the items before it waits for anything: a browser empties them afterwards.
 */
export function acceptDrops(zone: HTMLElement, onDrop: (dropped: DataTransfer) => void): void {
  const mark = (isOver: boolean) => (event: DragEvent) => {
    event.preventDefault()
    zone.classList.toggle('is-over', isOver)
  }
  zone.addEventListener('dragenter', mark(true))
  zone.addEventListener('dragover', mark(true))
  zone.addEventListener('dragleave', mark(false))
  zone.addEventListener('drop', (event) => {
    mark(false)(event)
    if (event.dataTransfer !== null) onDrop(event.dataTransfer)
  })
}
