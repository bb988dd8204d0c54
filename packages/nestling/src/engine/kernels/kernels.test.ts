import { KERNEL_BUILDS, kernelModule } from '@nestling/testing/kernels'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

const COMPILE_MS = 60_000

describe.each(KERNEL_BUILDS)('the build %s', (build) => {
  let module: WebAssembly.Module
  beforeAll(async () => {
    module = await kernelModule(build)
  }, COMPILE_MS)

  it('multiplies int8 for any shape', () => {
    for (const depth of [3,4,8,12,16,20,24,32,48,64,100]) for (const columns of [1,5,8,16,30]) {
      const memory = new WebAssembly.Memory({initial:20})
      const k = new WebAssembly.Instance(module,{env:{memory}}).exports as any
      const f = new Float32Array(memory.buffer), u=new Uint8Array(memory.buffer), i8=new Int8Array(memory.buffer)
      const rows=4, stride=(depth+16)*4
      const X=65536,W=131072,S=196608,P=262144,F=400000,T=410000,B=420000,Q=500048,R=600000,O=700000
      for (let r=0;r<rows;r++) for(let d=0;d<depth;d++) f[(X+r*stride)/4+d]=Math.random()*4-1
      for (let c=0;c<columns;c++){f[S/4+c]=.01;for(let d=0;d<depth;d++)i8[W+c*depth+d]=Math.round(Math.random()*254-127)}
      k.packInt8(W,S,columns,depth,P,F,T)
      k.quantizeRows(X,stride,rows,depth,Q,R)
      k.multiplyInt8(Q,R,rows,P,Math.ceil(depth/16)*16,Math.ceil(columns/8)*8,F,T,B,O,256,false)
      let worst=0
      for (let r=0;r<rows;r++)for(let c=0;c<columns;c++){let s=0;for(let d=0;d<depth;d++)s+=f[(X+r*stride)/4+d]!*i8[W+c*depth+d]!*.01
        worst=Math.max(worst,Math.abs(s-f[(O+r*256)/4+c]!))}
      if(worst>.5) console.log(build,depth,columns,worst)
    }
  })
})
