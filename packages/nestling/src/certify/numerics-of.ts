import type { Engine } from '../engine/engine.js'

/**
 * Names the kind of numbers that an engine computes with: vectors of another kind are near, but not what it would give.
 *
 * @returns Engine and dtype. Float32 is the same on every device but for the order of sums (at most 3e-7, docs/parity-webgpu.md), so
 * that a host that fell back to WASM goes on with what is stored; other dtypes are computed otherwise on each device.
 */
export function numericsOf({ name, dtype, device }: Pick<Engine, 'name' | 'dtype' | 'device'>): string {
  return dtype === 'fp32' ? `${name} ${dtype}` : `${name} ${dtype} ${device}`
}
