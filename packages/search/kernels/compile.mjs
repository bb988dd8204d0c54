/** Compiles the kernels with AssemblyScript's `asc`. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const folder = dirname(fileURLToPath(import.meta.url))

/**
 * Compiles the kernels.
 *
 * @returns {Promise<Uint8Array<ArrayBuffer>>} The WebAssembly module.
 */
export async function compileKernels() {
  /** @type {Uint8Array<ArrayBuffer> | undefined} */
  let module
  const { error, stderr } = await asc.main(
    // The driver owns the memory; nothing allocates, so no runtime and no assertions of one are needed.
    [
      'index.ts',
      '--baseDir',
      folder,
      '--enable',
      'simd',
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
    throw new Error(`Cannot compile the kernels: ${error?.message ?? ''}\n${output}`)
  }
  return module
}
