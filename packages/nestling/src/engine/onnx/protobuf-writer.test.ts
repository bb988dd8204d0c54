import { describe, expect, it } from 'vitest'
import { ProtobufWriter } from './protobuf-writer.js'

const written = (write: (writer: ProtobufWriter) => ProtobufWriter): number[] => [
  ...write(new ProtobufWriter()).finish(),
]

// Expected bytes: https://protobuf.dev/programming-guides/encoding/
describe('ProtobufWriter', () => {
  it('writes integers as varints', () => {
    expect(written((writer) => writer.int(1, 150))).toEqual([0x08, 0x96, 0x01])
    expect(written((writer) => writer.int(1, 0))).toEqual([0x08, 0x00])
    expect(written((writer) => writer.int(16, 1))).toEqual([0x80, 0x01, 0x01])
  })

  it('writes negative integers in ten bytes', () => {
    const minusTwo = [0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    expect(written((writer) => writer.int(1, -2))).toEqual(minusTwo)
  })

  it('writes integers beyond 32 bits', () => {
    expect(written((writer) => writer.int(1, 2 ** 32))).toEqual([0x08, 0x80, 0x80, 0x80, 0x80, 0x10])
  })

  it('writes strings, floats and messages', () => {
    expect(written((writer) => writer.string(2, 'testing'))).toEqual([
      0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67,
    ])
    expect(written((writer) => writer.float(1, 1))).toEqual([0x0d, 0x00, 0x00, 0x80, 0x3f])
    expect(written((writer) => writer.message(3, new ProtobufWriter().int(1, 150)))).toEqual([
      0x1a, 0x03, 0x08, 0x96, 0x01,
    ])
  })

  it('writes more bytes than a call has arguments', () => {
    expect(new ProtobufWriter().bytes(1, new Uint8Array(300_000)).finish()).toHaveLength(300_004)
  })
})
