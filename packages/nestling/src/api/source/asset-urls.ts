import type { EngineName, KernelUrls, OnnxBuild, RuntimeName, RuntimeUrls } from '../../wire/protocol.js'
import { pageUrl } from '@nestling/kit/worker/page-url'

/** Folder of the runtime's files; a new version never meets an old one in a cache. */
const ONNX_FOLDER = 'runtime/onnxruntime-web@1.30.0/'
/** The build that transformers.js pins: the same file names and other bytes, so the two must never meet. */
const TRANSFORMERS_FOLDER = 'runtime/onnxruntime-web@1.31.0-dev.20260914-8d85527a0/'

/** Our kernels. The build puts a digest of their bytes in the place of the version. */
const KERNELS_FOLDER = 'runtime/kernels@build/'

/** Bytes are about: they follow the build; a test holds them to 20 %. */
const KERNELS_BYTES = 15_500

/** Our bundle of transformers.js. Bytes are about: they follow the build; a test holds them to 5 %. */
const TRANSFORMERS_LIBRARY = { library: 'transformers.js', libraryBytes: 492_000 }

/** What makes engines of our onnxruntime-web. */
const ONNX_ENGINE = 'onnx-engine.js'

/** Files of one runtime below `assetBaseUrl`, and bytes a page downloads for it. */
export interface RuntimeFiles extends RuntimeUrls {
  readonly sizeBytes: number
}

/** Engines that run in onnxruntime-web. */
export type OnnxEngine = Exclude<EngineName, 'kernels'>

/**
 * Files of the runtimes by engine.
 *
 * The onnxruntime-web of transformers.js is its WebGPU library, which runs with the plain module too: transformers.js itself does
 * so on old Safari. That saves 12 MB, and the CPU runs code without asyncify.
 */
export const RUNTIME_FILES: Readonly<Record<OnnxEngine, Readonly<Partial<Record<OnnxBuild, RuntimeFiles>>>>> = {
  onnx: {
    wasm: onnxFiles('ort.wasm.min.mjs', '', 14_314_404),
    jspi: onnxFiles('ort.jspi.min.mjs', '.jspi', 16_875_974),
    asyncify: onnxFiles('ort.webgpu.min.mjs', '.asyncify', 26_901_320),
  },
  transformers: {
    wasm: transformersFiles('', 14_289_219),
    asyncify: transformersFiles('.asyncify', 26_914_834),
  },
}

function onnxFiles(library: string, suffix: string, sizeBytes: number): RuntimeFiles {
  return { engine: ONNX_ENGINE, library: ONNX_FOLDER + library, ...moduleFiles(ONNX_FOLDER, suffix), sizeBytes }
}

function transformersFiles(suffix: string, moduleBytes: number): RuntimeFiles {
  const { library, libraryBytes } = TRANSFORMERS_LIBRARY
  return {
    engine: library,
    library,
    ...moduleFiles(TRANSFORMERS_FOLDER, suffix),
    sizeBytes: moduleBytes + libraryBytes,
  }
}

function moduleFiles(folder: string, suffix: string): Pick<RuntimeUrls, 'loader' | 'wasm'> {
  const file = `${folder}ort-wasm-simd-threaded${suffix}`
  return { loader: `${file}.mjs`, wasm: `${file}.wasm` }
}

/** Where the runtimes are. */
export type RuntimeUrlTable = Readonly<Partial<Record<OnnxBuild, RuntimeUrls>>>

/** Tells where an application's bundler put the runtimes. */
export type BundledRuntimes = (engine: OnnxEngine) => RuntimeUrlTable

/**
 * Finds the runtimes' files: below `assetBaseUrl`, or where a bundler put them.
 *
 * The asyncify builds (25.5 MiB, over the file limit of some hosts) are only taken from `assetBaseUrl`, so that no bundler ships
 * them unasked.
 *
 * @param engine - Which engine needs them.
 * @param assetBaseUrl - Absolute URL of a folder with a slash at its end.
 * @param bundled - Where a bundler put them.
 */
export function runtimeUrls(
  engine: OnnxEngine,
  assetBaseUrl: string | undefined,
  bundled: BundledRuntimes,
): RuntimeUrlTable {
  if (assetBaseUrl === undefined) return bundled(engine)
  const url = (file: string): string => new URL(file, assetBaseUrl).href
  const entries = Object.entries(RUNTIME_FILES[engine]).map(([name, { engine: maker, library, loader, wasm }]) => {
    return [name, { engine: url(maker), library: url(library), loader: url(loader), wasm: url(wasm) }]
  })
  return Object.fromEntries(entries) as RuntimeUrlTable
}

/**
 * Finds our kernels: below `assetBaseUrl`, or beside this module.
 *
 * @param assetBaseUrl - Absolute URL of a folder with a slash at its end.
 * @returns URLs by build.
 */
export function kernelUrls(assetBaseUrl: string | undefined): KernelUrls {
  if (assetBaseUrl !== undefined) return kernelsBelow(assetBaseUrl, '')
  return {
    'relaxed-simd': absolute(new URL('./runtime/kernels@build/relaxed-simd.wasm', import.meta.url)),
    simd: absolute(new URL('./runtime/kernels@build/simd.wasm', import.meta.url)),
  }
}

/**
 * Finds our kernels for a memory that workers share.
 *
 * @returns URLs by build.
 */
export function sharedKernelUrls(assetBaseUrl: string | undefined): KernelUrls {
  if (assetBaseUrl !== undefined) return kernelsBelow(assetBaseUrl, '-shared')
  return {
    'relaxed-simd': absolute(new URL('./runtime/kernels@build/relaxed-simd-shared.wasm', import.meta.url)),
    simd: absolute(new URL('./runtime/kernels@build/simd-shared.wasm', import.meta.url)),
  }
}

function kernelsBelow(assetBaseUrl: string, suffix: string): KernelUrls {
  const url = (build: string): string => new URL(`${KERNELS_FOLDER}${build}${suffix}.wasm`, assetBaseUrl).href
  return { 'relaxed-simd': url('relaxed-simd'), simd: url('simd') }
}

/**
 * Tells what a runtime costs before compression.
 *
 * @param runtime - The build.
 */
export function runtimeBytes(engine: EngineName, runtime: RuntimeName): number {
  // They are part of the worker.
  if (runtime === 'wgsl') return 0
  if (runtime === 'relaxed-simd' || runtime === 'simd') return KERNELS_BYTES
  return engine === 'kernels' ? 0 : (RUNTIME_FILES[engine][runtime]?.sizeBytes ?? 0)
}

/**
 * Makes a URL whole: Turbopack gives a path of the site in its place, which a worker that runs from a blob cannot resolve.
 *
 * @param url - What stands where a literal was.
 */
export function absolute({ href }: URL): string {
  return 'location' in globalThis ? pageUrl(href).href : href
}
