const KEY = 'kindred-notes'

/** What is there on the first visit. */
const FIRST_NOTES: readonly string[] = [
  'Ask the dentist for an appointment in March',
  'Make an appointment with the doctor for a blood test',
  'Buy flour, yeast and sea salt',
  'Buy milk and eggs at the market',
  'Buy tomatoes and basil at the market',
  'Renew the passport before the trip to Norway',
  'Book the night train to Oslo',
  'Find a cabin near the fjord for the holidays in July',
  'Repair the brake of the bicycle',
  'Take the bicycle to the repair shop',
  'Pay the electricity bill by Friday',
  'Pay the rent before the end of the month',
  'Learn the second movement of the sonata by heart',
]

/** The visitor's notes, kept in this browser. */
export class NoteList {
  #notes: readonly string[] = readNotes()

  /** All notes, the newest first. */
  get notes(): readonly string[] {
    return this.#notes
  }

  /** Puts a note before the others; one that is there already moves up. */
  add(note: string): void {
    this.#keep([note, ...this.#notes.filter((other) => other !== note)])
  }

  /** Removes a note. */
  remove(note: string): void {
    this.#keep(this.#notes.filter((other) => other !== note))
  }

  /**
   * Puts a note back where it was.
   *
   * @param index - Its place.
   */
  putBack(note: string, index: number): void {
    const others = this.#notes.filter((other) => other !== note)
    this.#keep([...others.slice(0, index), note, ...others.slice(index)])
  }

  #keep(notes: readonly string[]): void {
    this.#notes = notes
    try {
      localStorage.setItem(KEY, JSON.stringify(notes))
    } catch {
      // Storage is blocked: they last as long as the page.
    }
  }
}

function readNotes(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    return Array.isArray(kept) ? kept.filter((note) => typeof note === 'string') : FIRST_NOTES
  } catch {
    return FIRST_NOTES
  }
}
