/** A link's file must outlive the click; browsers start to read it at once. */
const KEEP_MS = 60_000

/**
 * Lets the browser save a file.
 *
 * @param type - Its media type, where the content is a text.
 */
export function download(name: string, content: Blob | string, type = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => {
    URL.revokeObjectURL(link.href)
  }, KEEP_MS)
}
