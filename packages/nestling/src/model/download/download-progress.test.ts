import { describe, expect, it } from 'vitest'
import { DownloadProgress, type DownloadTotals } from './download-progress.js'

function watched(): { progress: DownloadProgress; seen: DownloadTotals[] } {
  const seen: DownloadTotals[] = []
  return { progress: new DownloadProgress((totals) => seen.push(totals)), seen }
}

describe('DownloadProgress', () => {
  it('does not call a download done by what came before anybody knew of the weights', () => {
    const { progress, seen } = watched()
    progress.expect('modules.json', 461)
    progress.add('modules.json', 461)
    progress.finish('modules.json')
    expect(seen).toEqual([
      { loadedBytes: 0, totalBytes: undefined },
      { loadedBytes: 0, totalBytes: undefined },
    ])
  })

  it('tells the total once every announced length is known, and keeps it', () => {
    const { progress, seen } = watched()
    progress.announce(['model.safetensors', 'tokenizer.json'])
    progress.expect('model.safetensors', 900)
    progress.add('model.safetensors', 300)
    progress.expect('tokenizer.json', 100)
    progress.add('tokenizer.json', 100)
    progress.announce(['late.safetensors'])
    progress.expect('late.safetensors', 5000)
    progress.add('late.safetensors', 5000)
    progress.add('model.safetensors', 600)
    expect(seen).toEqual([
      { loadedBytes: 300, totalBytes: undefined },
      { loadedBytes: 400, totalBytes: 1000 },
      { loadedBytes: 400, totalBytes: 1000 },
      { loadedBytes: 1000, totalBytes: 1000 },
    ])
  })

  it('waits for the shards where there is no single file', () => {
    const { progress, seen } = watched()
    progress.announce(['model.safetensors', 'tokenizer.json'])
    progress.expect('tokenizer.json', 100)
    progress.add('tokenizer.json', 100)
    progress.replace('model.safetensors', ['a.safetensors', 'b.safetensors'])
    progress.expect('a.safetensors', 200)
    progress.add('a.safetensors', 200)
    progress.expect('b.safetensors', 300)
    progress.add('b.safetensors', 300)
    expect(seen.map(({ totalBytes }) => totalBytes)).toEqual([undefined, undefined, 600])
    expect(seen.at(-1)?.loadedBytes).toBe(600)
  })

  it('has never more bytes than in all, whatever a server had announced', () => {
    const { progress, seen } = watched()
    progress.announce(['model.safetensors'])
    progress.expect('model.safetensors', 100)
    progress.add('model.safetensors', 60)
    progress.add('model.safetensors', 60)
    progress.restart('model.safetensors')
    progress.expect('model.safetensors', 80)
    progress.add('model.safetensors', 80)
    progress.finish('model.safetensors')
    expect(seen.map(({ loadedBytes }) => loadedBytes)).toEqual([60, 100, 80, 100])
    expect(new Set(seen.map(({ totalBytes }) => totalBytes))).toEqual(new Set([100]))
  })
})
