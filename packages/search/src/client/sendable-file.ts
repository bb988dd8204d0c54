/** Gives a file in a form that a worker can be sent: any blob is. */
export function sendableFile(file: Blob): Blob | Promise<Blob> {
  return file
}
