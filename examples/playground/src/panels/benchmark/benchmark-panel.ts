import type { MountPanel } from '../../shell/playground.js'

export const mount: MountPanel = (root) => {
  root.innerHTML = '<header><h1 id="heading-benchmark">Benchmark</h1></header>'
}
