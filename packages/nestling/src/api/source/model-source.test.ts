import { describe, expect, it, vi } from 'vitest'
import type { LocalFiles } from './local-files.js'
import { resolveHubOptions } from '../options/hub-options.js'
import { resolveModel, type ModelSource, type ResolvedModel } from './model-source.js'

vi.stubGlobal('location', { href: 'https://site.test/app/' })

const resolve = (model: unknown, options: object = {}): ResolvedModel =>
  resolveModel(model as ModelSource, resolveHubOptions(options))

/** Name, and text of each file. */
async function local(model: unknown): Promise<{ name: string; texts: Record<string, string> }> {
  const { name, blobs } = resolve(model).location as LocalFiles & { kind: 'blobs' }
  const texts = await Promise.all([...blobs].map(async ([path, blob]) => [path, await blob.text()] as const))
  return { name, texts: Object.fromEntries(texts) }
}

/** A file as `<input webkitdirectory>` gives it. */
function chosen(path: string, text: string): File {
  const file = new File([text], path.slice(path.lastIndexOf('/') + 1))
  Object.defineProperty(file, 'webkitRelativePath', { value: path })
  return file
}

describe('resolveModel()', () => {
  it.each([
    [new URL('https://x.test/models/a'), 'https://x.test/models/a', 'a'],
    ['https://x.test/models/b/', 'https://x.test/models/b/', 'b'],
    ['/models/c', 'https://site.test/models/c', 'c'],
    ['../d/', 'https://site.test/d/', 'd'],
    ['./e', 'https://site.test/app/e', 'e'],
    ['./owner/name', 'https://site.test/app/owner/name', 'name'],
  ])('takes %s for the URL of a folder', (model, baseUrl, name) => {
    expect(resolve(model).location).toEqual({ kind: 'url', name, baseUrl })
  })

  it.each(['owner/name', 'mrm8488/distilroberta-base-ft-allnli-matryoshka-768-16-1e-128bs', 'a/b.c_d-e', '_a/7'])(
    'takes %s for a hub id',
    (id) => {
      expect(resolve(id)).toEqual({
        location: { kind: 'hub', name: id, endpoint: 'https://huggingface.co', revision: 'main', token: undefined },
        nestedDims: undefined,
        sizeBytes: undefined,
      })
    },
  )

  it('passes the options of a hub id on', () => {
    const options = { revision: 'v1', token: 'hf_x', endpoint: 'https://hub.test/mirror//' }
    const endpoint = 'https://hub.test/mirror'
    expect(resolve('a/b', options).location).toEqual({ kind: 'hub', name: 'a/b', ...options, endpoint })
    expect(resolve('a/b', { endpoint: '/hub' }).location).toMatchObject({ endpoint: 'https://site.test/hub' })
  })

  it.each<[string, unknown]>([
    ['the URL', '/models/a'],
    ['a URL', new URL('https://x.test/a')],
    ['local files', { 'config.json': '{}' }],
    ['a directory', { kind: 'directory', name: 'a', getFileHandle: () => undefined }],
    ['a model package', { id: 'a', files: [] }],
  ])('refuses the options of a hub id for %s', (_, model) => {
    for (const [name, value] of Object.entries({ revision: 'main', token: 'secret', endpoint: 'https://x.test' })) {
      expect(() => resolve(model, { [name]: value })).toThrow(TypeError)
      expect(() => resolve(model, { [name]: value })).toThrow(new RegExp(`^Cannot .* ${name} is for a hub id`))
      expect(() => resolve(model, { [name]: value })).not.toThrow(/secret/)
    }
  })

  it.each<[string, unknown]>([
    ['a name alone', 'minilm'],
    ['an empty text', ''],
    ['three parts', 'a/b/c'],
    ['a step up', 'owner/..'],
    ['dots in a row', 'owner/a..b'],
    ['dashes in a row', 'owner/a--b'],
    ['a hidden owner', '.git/config'],
    ['a repository file', 'owner/name.git'],
    ['97 characters', `owner/${'n'.repeat(91)}`],
    ['spaces', 'owner/my model'],
    ['another protocol', 'ftp://x.test/a'],
    ['a script', 'javascript:alert(1)'],
    ['a URL with a password', 'https://me:secret@x.test/a'],
    ['a URL that is none', 'https://[/?key=secret'],
    ['a number', 7],
    ['null', null],
    ['nothing', undefined],
    ['a function', () => undefined],
    ['an object without files', {}],
    ['a list without files', []],
    ['a list of texts', ['config.json']],
    ['a list with a hole', [new File([], 'a'), undefined]],
    ['two files with one path', [new File(['1'], 'config.json'), new File(['2'], 'config.json')]],
    ['an empty map', new Map()],
    ['a map with other keys', new Map([[7, 'text']])],
    ['a file that is a number', { 'config.json': 7 }],
    ['a file that is parsed', { 'config.json': { model_type: 'bert' } }],
    ['a file handle', { kind: 'file', name: 'a', getFile: () => undefined }],
    ['a package that lists a file twice', { id: 'x', files: [{ path: 'a' }, { path: 'a' }] }],
  ])('refuses %s', (_, model) => {
    expect(() => resolve(model)).toThrow(TypeError)
    expect(() => resolve(model)).toThrow(/^Cannot load a model as /)
    expect(() => resolve(model)).not.toThrow(/secret/)
  })

  it('says that a URL in the state of a framework is none', () => {
    const held = new Proxy(new URL('https://site.test/model/'), {})
    expect(() => resolve(held)).toThrow(/^Cannot load a model as its URL must be a URL and no proxy of one/)
    expect(() => resolve(held)).toThrow(TypeError)
  })

  it('names the value that it refuses', () => {
    expect(() => resolve('a/b/c')).toThrow('"a/b/c"')
    expect(() => resolve({ 'config.json': 7 })).toThrow(
      'config.json must be a Blob, a Uint8Array or a string: current value is 7',
    )
    expect(() => resolve([new File([], 'x'), new File([], 'x')])).toThrow('"x"')
  })

  // Relative paths of a page start with a dot; these look like ids of a hub, or like nothing.
  it.each([
    ['models/x', './models/x'],
    ['public/models/x', './public/models/x'],
    ['assets/x', './assets/x'],
    ['static/x/', './static/x/'],
    ['a/b/c', './a/b/c'],
    ['my-model', './my-model'],
    ['a/model.safetensors', './a'],
    ['models/x/onnx/model.onnx', './models/x/onnx'],
    ['a/tokenizer.json', './a'],
  ])('asks whether a path of the page was meant by %s', (model, path) => {
    expect(() => resolve(model)).toThrow(TypeError)
    expect(() => resolve(model)).toThrow(`current value is "${model}"\nDid you mean '${path}'?`)
  })

  it('takes what looks like a path for a hub id where an option says so', () => {
    expect(resolve('models/x', { endpoint: 'https://hub.test' }).location).toMatchObject({
      kind: 'hub',
      name: 'models/x',
    })
    expect(resolve('modelsmith/x').location).toMatchObject({ kind: 'hub', name: 'modelsmith/x' })
  })

  it.each<[string, unknown]>([
    ['a number', 7],
    ['another protocol', 'ftp://x.test/a'],
    ['an object', {}],
  ])('has nothing to propose for %s', (_, model) => {
    expect(() => resolve(model)).toThrow(/directory handle: current value is [^\n]+$/)
  })

  it('cuts the folder that was chosen off the paths of its files', async () => {
    const files = [chosen('my-model/config.json', '1'), chosen('my-model/1_Pooling/config.json', '2')]
    const texts = { 'config.json': '1', '1_Pooling/config.json': '2' }
    expect(await local(files)).toEqual({ name: 'my-model', texts })
    // A FileList is no array.
    const list = { [Symbol.toStringTag]: 'FileList', [Symbol.iterator]: () => files.values() }
    expect(await local(list)).toEqual({ name: 'my-model', texts })
    expect(resolve(files).sizeBytes).toBe(0)
  })

  it('keeps paths that have no top folder in common', async () => {
    const files = [chosen('a/x', '1'), chosen('ab/x', '2'), new File(['3'], 'config.json')]
    expect((await local(files)).texts).toEqual({ 'a/x': '1', 'ab/x': '2', 'config.json': '3' })
    expect((await local([new File(['3'], 'config.json')])).texts).toEqual({ 'config.json': '3' })
  })

  it('takes files in memory, from a map or an object', async () => {
    const blob = new Blob(['blob'])
    const files = { a: 'text', 'b/c': new TextEncoder().encode('bytes'), d: blob }
    const texts = { a: 'text', 'b/c': 'bytes', d: 'blob' }
    expect((await local(files)).texts).toEqual(texts)
    expect((await local(new Map(Object.entries(files)))).texts).toEqual(texts)
    expect((await local(Object.assign(Object.create(null) as object, files))).texts).toEqual(texts)
    const { blobs } = resolve(files).location as LocalFiles & { kind: 'blobs' }
    expect(blobs.get('d')).toBe(blob)
  })

  it('lists the files of a package that are needed, with absolute URLs and their bytes', () => {
    const file = { sizeBytes: 10, sha256: 'x' }
    const resolved = resolve({
      id: '@x/y',
      version: '1.0.0',
      license: 'MIT',
      origin: '',
      nestedDims: [2, 1],
      files: [
        { path: 'model.safetensors', url: '/a/model.safetensors', ...file },
        { path: 'config.json', text: '{}', ...file },
        { path: 'golden.json', url: '/a/golden.json', ...file },
        { path: 'special_tokens_map.json', url: '/a/special_tokens_map.json', ...file },
      ],
    })
    expect(resolved).toMatchObject({ sizeBytes: 20, nestedDims: [2, 1], location: { kind: 'listed', name: '@x/y' } })
    const { files } = resolved.location as Extract<typeof resolved.location, { kind: 'listed' }>
    expect(files.map(({ path, url }) => [path, url])).toEqual([
      ['model.safetensors', 'https://site.test/a/model.safetensors'],
      ['config.json', undefined],
      ['golden.json', 'https://site.test/a/golden.json'],
    ])
  })
})
