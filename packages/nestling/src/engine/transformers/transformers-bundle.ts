export { openGraph } from './open-graph.js'
export { openOnnxSession } from './open-onnx-session.js'
export { TransformersEngine } from './transformers-engine.js'
