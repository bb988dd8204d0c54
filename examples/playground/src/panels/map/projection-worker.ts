import { placeDots } from './dot-layout.js'
import { principalPlane, type Rows } from './principal-components.js'

// Thousands of texts take longer than a page may be held up.
addEventListener('message', ({ data }: MessageEvent<Rows>) => {
  postMessage(placeDots(principalPlane(data)))
})
