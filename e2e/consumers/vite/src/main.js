import { minilmL6 } from '@nestling/minilm-l6'
import { load } from 'nestling'

const app = document.querySelector('#app')

const isOnnx = location.search === '?engine=transformers'

try {
  const embedder = isOnnx ? await load('/bert-tiny-onnx', { engine: 'transformers' }) : await load(minilmL6)
  const embeddings = await embedder.encode(['It is well.', "That's convenient."])
  const scores = await embedder.similarity(embeddings, embeddings)
  await embedder.dispose()
  app.textContent = `${embeddings.shape.join('x')} ${scores.row(0)[1].toFixed(4)}`
} catch (error) {
  app.textContent = `failed: ${error.code} ${error.message}`
}
