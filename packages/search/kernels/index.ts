export { dotFloat32, dotFloat32At } from './float32'
export { dotInt8, dotInt8At } from './int8'
export { hamming } from './bits'
export { rowsNear } from './pairs'
