/** Gives a file in a form that a thread can be sent: a blob of a file on the disk (`openAsBlob`) is read. */
export async function sendableFile(file: Blob): Promise<Blob> {
  try {
    return structuredClone(file)
  } catch {
    return new Blob([await file.arrayBuffer()])
  }
}
