import { describe, expect, it } from 'vitest'
import { parseCsv } from './parse-csv.js'

describe('parseCsv()', () => {
  it.each<[string, string, string[][]]>([
    [
      'plain fields',
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a last line without an end',
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'CRLF',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['commas in quotes', '"a, b",c\n', [['a, b', 'c']]],
    ['doubled quotes', '"say ""a""",""""\n', [['say "a"', '"']]],
    ['line ends in quotes', '"a\nb","c\r\nd"\n', [['a\nb', 'c\r\nd']]],
    [
      'empty fields',
      ',a,\n,,\n',
      [
        ['', 'a', ''],
        ['', '', ''],
      ],
    ],
    ['an empty field in quotes', '""\n', [['']]],
    ['empty lines', '\na\n\n\r\nb\n\n', [['a'], ['b']]],
    ['a byte order mark', '\uFEFF"a",b', [['a', 'b']]],
    ['a comma at the end', 'a,', [['a', '']]],
    ['nothing', '', []],
  ])('reads %s', (_, text, records) => {
    expect(parseCsv(text)).toEqual(records)
  })

  it.each([
    ['a quote that is never closed', 'a,b\n"c,d\n', 2],
    ['text after a quote', 'a\nb\n"c"d,e', 3],
    ['a quote within a field', '"x\ny",1\nab"c', 3],
    ['text before a line end within quotes', 'a\n"b"x\n', 2],
  ])('refuses %s and says where', (_, text, line) => {
    expect(() => parseCsv(text)).toThrow(`a quote is out of place: current line is ${line}`)
  })
})
