import { readFileSync, realpathSync } from 'node:fs'
import { cpus, loadavg, platform, release } from 'node:os'
import { join } from 'node:path'

/** What a run depends on. */
export interface Environment {
  readonly browser: string
  readonly system: string
  readonly processor: string
  readonly cores: number
  /** SIMD extensions that matter here; empty where the system does not tell. */
  readonly features: readonly string[]
  readonly versions: Readonly<Record<string, string>>
  /** Load of the last minute when the run began and when it ended; 0 on Windows. */
  readonly load: { readonly start: number; end: number }
  readonly date: string
}

/** The peer as installed here, and the onnxruntime-web that it pins. */
const PEER_PACKAGE = realpathSync(join(import.meta.dirname, 'node_modules/@huggingface/transformers'))
/** Folder of the peer's onnxruntime-web. */
export const PEER_RUNTIME = realpathSync(join(PEER_PACKAGE, '../../onnxruntime-web'))

/** SIMD that kernels and onnxruntime can use: x86 and ARM. */
const FEATURE = /^(sse4_[12]|avx2?|avx512\w*|avx_vnni\w*|fma|asimd\w*|i8mm|sve\w*|bf16)$/

/**
 * Describes the machine.
 *
 * @param browser - The browser's version.
 * @returns What a run depends on.
 */
export function describeEnvironment(browser: string): Environment {
  const [load = 0] = loadavg()
  return {
    browser,
    system: `${platform()} ${release()}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    features: processorFeatures(),
    versions: {
      nestling: versionOf(join(import.meta.dirname, '../packages/nestling')),
      '@huggingface/transformers': versionOf(PEER_PACKAGE),
      'onnxruntime-web of transformers.js': versionOf(PEER_RUNTIME),
    },
    load: { start: load, end: load },
    date: new Date().toISOString(),
  }
}

function processorFeatures(): string[] {
  try {
    const [, flags = ''] = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? []
    return flags.split(' ').filter((flag) => FEATURE.test(flag))
  } catch {
    return []
  }
}

function versionOf(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return version
}
