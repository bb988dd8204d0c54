/** Compiles the kernels with AssemblyScript's `asc`: one source, two builds. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const folder = dirname(fileURLToPath(import.meta.url))

/** Features of each build; the driver chooses by what the browser validates. */
const FEATURES = { 'relaxed-simd': 'simd,relaxed-simd', simd: 'simd' }

/**
 * Compiles one build.
 *
 * @param {'relaxed-simd' | 'simd'} name
 * @returns {Promise<Uint8Array<ArrayBuffer>>} The WebAssembly module.
 */
export async function compileKernels(name) {
  /** @type {Uint8Array<ArrayBuffer> | undefined} */
  let module
  const { error, stderr } = await asc.main(
    // The driver owns the memory; nothing allocates, so no runtime and no assertions of one are needed.
    [
      'index.ts',
      '--baseDir',
      folder,
      '--enable',
      FEATURES[name],
      '-O3',
      '--runtime',
      'stub',
      '--noAssert',
      '--importMemory',
      '--initialMemory',
      '0',
      '--noExportMemory',
      '--use',
      'abort=',
      '--outFile',
      'kernels.wasm',
    ],
    {
      writeFile: (file, contents) => {
        if (file.endsWith('.wasm')) module = /** @type {Uint8Array<ArrayBuffer>} */ (contents)
      },
    },
  )
  const output = stderr.toString()
  if (error !== null || module === undefined || output !== '') {
    throw new Error(`Cannot compile the kernels (${name}): ${error?.message ?? ''}\n${output}`)
  }
  return module
}
