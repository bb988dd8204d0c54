import { manifest } from './manifest.js'
import type { ModelPackage } from './model-package.js'
import { version } from './version.js'

export type { ModelFile, ModelPackage } from './model-package.js'

/** Each literal is whole and in this module: bundlers find files by this very text, not by a path put together. */
const URL_BY_PATH: Readonly<Record<string, string>> = {
  '2_Dense/model.safetensors': new URL('./2_Dense/model.safetensors', import.meta.url).href,
  'golden.json': new URL('./golden.json', import.meta.url).href,
  'model.safetensors': new URL('./model.safetensors', import.meta.url).href,
  'tokenizer.json': new URL('./tokenizer.json', import.meta.url).href,
}

/**
 * Names the files of all-MiniLM-L6-v2 with nested dimensions, in int8; pass it to `load` of `nestling`.
 *
 * Nothing is read or fetched at import.
 */
export const minilmL6: ModelPackage = {
  id: '@nestling/minilm-l6',
  version,
  license: 'Apache-2.0',
  origin:
    'sentence-transformers/all-MiniLM-L6-v2, model.safetensors with SHA-256 ' +
    '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db. ' +
    'An orthogonal 384x384 rotation (a Dense module without bias) follows mean pooling: it keeps every cosine of the full ' +
    'vector and gathers meaning in the leading components. Weight matrices are rounded to int8 per row.',
  nestedDims: [384, 256, 128, 64, 32, 16],
  files: manifest.map((file) => {
    const url = URL_BY_PATH[file.path]
    return url === undefined ? file : { ...file, url }
  }),
}
