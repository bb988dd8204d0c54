import { fixtureFiles, hubFile, type HubRepo } from './hub-repo.ts'

const BERT = 'bert-mean-normalize'

/** The only token that private repositories take. */
export const HUB_TOKEN = 'hf_imitationToken0123456789'

/** Ways to fail; `faults/NAME` is a repository for each, with a tiny model in it. */
export const HUB_FAULTS = [
  '401',
  '403',
  '404',
  '429-seconds',
  '429-date',
  '500',
  '500-twice',
  'html',
  'self',
  'gzip',
  'gzip-length',
  'head-403',
  'head-405',
  'no-length',
  'short',
  'broken',
  'broken-once',
  'changed',
  'no-ranges',
  'slow',
  'stalled',
  'stalled-once',
  'stalled-twice',
  'silent',
] as const

/**
 * Makes the repositories that tests ask for: one in order, one private, one with PyTorch's own file alone, and the faults.
 *
 * @returns Repositories by id.
 */
export function hubModels(): Record<string, HubRepo> {
  const files = fixtureFiles(BERT)
  const withoutWeights = Object.entries(files).filter(([path]) => path !== 'model.safetensors')
  return {
    'tiny/bert': { files },
    'tiny/private': { files, token: HUB_TOKEN },
    'tiny/branch': { files, revision: 'refs/pr/1' },
    'tiny/pickle': {
      files: Object.fromEntries([...withoutWeights, ['pytorch_model.bin', hubFile(new Uint8Array(10))]]),
    },
    ...Object.fromEntries(HUB_FAULTS.map((fault) => [`faults/${fault}`, { files }])),
  }
}
