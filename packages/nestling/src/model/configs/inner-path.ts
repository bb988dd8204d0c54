/**
 * Tells whether a path that a folder's own file gives stays inside the folder.
 *
 * @param path - The path; with `/`, empty for the folder itself.
 * @returns Whether it is a plain relative path.
 */
export function isInsideFolder(path: string): boolean {
  if (path === '') return true
  return /^[\w.-]+(\/[\w.-]+)*$/.test(path) && !path.split('/').some((part) => part === '.' || part === '..')
}

/**
 * Joins a path inside a folder.
 *
 * @param folder - Path of the inner folder; empty for the model's own.
 */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
