import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Files to write and to delete, which are no file twice: so that it does no harm to do it again. */
export interface FileChanges {
  /** What gives the bytes, by path below the folder: they come into their places in this order, and before anything is deleted. */
  readonly puts: ReadonlyMap<string, () => Uint8Array>
  readonly deletes: ReadonlySet<string>
}

/** A commit that is decided, as its file holds it. */
interface Journal {
  readonly id: string
  readonly puts: readonly string[]
  readonly deletes: readonly string[]
}

/** Below the folder: a journal for each commit that is decided, and a folder with its files. */
const COMMITS = 'commits'
const JOURNAL = '.json'

/**
 * Makes changes so that a process that dies makes all of them or none: what is written lies aside until a journal names it, and a journal that
 * is found is done. Whoever calls it is alone.
 *
 * @param folder - The folder, of which {@link finishCommits} was called.
 */
export async function commitFiles(folder: string, { puts, deletes }: FileChanges): Promise<void> {
  const id = randomUUID()
  const aside = join(folder, COMMITS, id)
  const journal: Journal = { id, puts: [...puts.keys()], deletes: [...deletes] }
  try {
    await mkdir(aside)
    for (const [index, bytesOf] of [...puts.values()].entries()) await writeFile(join(aside, String(index)), bytesOf())
    // A disk without room for a folder must say so before anything is decided.
    for (const path of new Set(journal.puts.map(dirname))) await mkdir(join(folder, path), { recursive: true })
    const written = join(aside, 'journal')
    await writeFile(written, JSON.stringify(journal))
    await rename(written, aside + JOURNAL)
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined)
    throw error
  }
  // Decided: where this fails, whoever comes next goes on with it.
  await finish(folder, journal)
}

/** Makes the folder where it is not there. One that may only be read can be opened where all of it is there. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(join(folder, COMMITS), { recursive: true })
}

/**
 * Makes a folder ready: does what a process had decided that died, and forgets what it had not. Whoever calls it is alone.
 *
 * @param folder - The folder; it is made where it is not there.
 */
export async function finishCommits(folder: string): Promise<void> {
  const commits = join(folder, COMMITS)
  await makeFolder(folder)
  const names = await readdir(commits)
  if (names.length === 0) return
  for (const name of names.filter((candidate) => candidate.endsWith(JOURNAL))) {
    const journal = parse(await readFile(join(commits, name), 'utf8'))
    if (journal !== undefined) await finish(folder, journal)
  }
  for (const name of await readdir(commits)) await rm(join(commits, name), { recursive: true, force: true })
}

/** A power cut may leave a journal without its text. */
function parse(text: string): Journal | undefined {
  try {
    return JSON.parse(text) as Journal
  } catch {
    return undefined
  }
}

async function finish(folder: string, { id, puts, deletes }: Journal): Promise<void> {
  const aside = join(folder, COMMITS, id)
  for (const [index, path] of puts.entries()) {
    await rename(join(aside, String(index)), join(folder, path)).catch(unlessMissing)
  }
  for (const path of deletes) await rm(join(folder, path), { force: true })
  await rm(aside + JOURNAL, { force: true })
  await rm(aside, { recursive: true, force: true })
}

/** Who died had moved it already. */
function unlessMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
