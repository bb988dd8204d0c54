import { minilmL6 } from '@nestling/minilm-l6'
import { load, type Embedder, type Embeddings } from 'nestling'
import { passages } from './given.ts'

export const embedder: Embedder = await load(minilmL6)
export const vectors: Embeddings = await embedder.encode(passages)
export const spaceId: string = vectors.space.id
