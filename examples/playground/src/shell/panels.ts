import type { MountPanel } from './playground.js'

/** A panel of the page: its part of the address, its title, and its code, which is only fetched when it is shown. */
export interface PanelEntry {
  readonly id: string
  readonly title: string
  readonly load: () => Promise<{ readonly mount: MountPanel }>
}

/** All panels, in the order of the navigation. */
export const PANELS: readonly [PanelEntry, ...PanelEntry[]] = [
  { id: 'compare', title: 'Compare', load: () => import('../panels/compare/compare-panel.js') },
  { id: 'search', title: 'Search', load: () => import('../panels/search/search-panel.js') },
  { id: 'map', title: 'Map', load: () => import('../panels/map/map-panel.js') },
  { id: 'models', title: 'Models', load: () => import('../panels/models/models-panel.js') },
  { id: 'evaluate', title: 'Evaluate', load: () => import('../panels/evaluate/evaluate-panel.js') },
  { id: 'benchmark', title: 'Benchmark', load: () => import('../panels/benchmark/benchmark-panel.js') },
  { id: 'report', title: 'Report', load: () => import('../panels/report/report-panel.js') },
]
