export { dotFloat32, dotFloat32At } from './float32'
export { dotInt8, dotInt8At } from './int8'
export { dotNibbles, dotNibblesAt } from './nibbles'
export { rowsNear } from './pairs'
