import type { ModelChoice } from './model-session.js'

/** The model that comes with the page. */
export const DEFAULT_MODEL: ModelChoice = {
  label: '@nestling/minilm-l6',
  source: async () => (await import('@nestling/minilm-l6')).minilmL6,
}
