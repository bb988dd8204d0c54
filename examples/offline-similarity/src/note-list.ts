const KEY = 'kindred-notes'

/** What is there on the first visit. */
const FIRST_NOTES: readonly string[] = [
  'Ask the dentist for an appointment in March',
  'Call the doctor about the blood test results',
  'Buy flour, yeast and sea salt',
  'We are out of milk and eggs',
  'Get tomatoes and basil at the market',
  'Renew the passport before the trip to Norway',
  'Book the night train to Oslo',
  'Find a cabin near the fjord for July',
  'The bicycle’s rear brake squeals',
  'Replace the worn chain on my bike',
  'Pay the electricity bill by Friday',
  'Transfer the rent to the landlord',
  'Water the basil while Ana is away',
  'Read the chapter on tides again',
]

/** The visitor's notes, kept in this browser. */
export class NoteList {
  #notes: readonly string[] = readNotes()

  /** All notes, the newest first. */
  get notes(): readonly string[] {
    return this.#notes
  }

  /**
   * Puts a note before the others; one that is there already moves up.
   *
   * @param note - The note.
   */
  add(note: string): void {
    this.#keep([note, ...this.#notes.filter((other) => other !== note)])
  }

  /**
   * Removes a note.
   *
   * @param note - The note.
   */
  remove(note: string): void {
    this.#keep(this.#notes.filter((other) => other !== note))
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
