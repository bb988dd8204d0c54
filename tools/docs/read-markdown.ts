/** A fenced block of a Markdown file. */
export interface CodeBlock {
  /** Language and what stands behind it: `ts run`. */
  readonly info: string
  readonly code: string
  /** Line of the fence, from 1. */
  readonly line: number
}

/** A link to somewhere in the repository. */
export interface MarkdownLink {
  readonly target: string
  readonly line: number
}

/** What stands between single backticks. */
export interface CodeSpan {
  readonly text: string
  readonly line: number
}

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/
const LINK = /\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)/g

/**
 * Finds the fenced code blocks of a Markdown file.
 *
 * @param markdown - The file's text.
 * @returns The blocks in their order.
 */
export function codeBlocksOf(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: { fence: string; info: string; line: number; lines: string[] } | undefined
  markdown.split('\n').forEach((text, index) => {
    const fence = FENCE.exec(text)
    if (open === undefined) {
      if (fence?.[1] !== undefined)
        open = { fence: fence[1], info: (fence[2] ?? '').trim(), line: index + 1, lines: [] }
    } else if (fence?.[1]?.startsWith(open.fence) === true && fence[2]?.trim() === '') {
      blocks.push({ info: open.info, code: open.lines.join('\n'), line: open.line })
      open = undefined
    } else open.lines.push(text)
  })
  return blocks
}

/**
 * Finds the links of a Markdown file outside of its code.
 *
 * @param markdown - The file's text.
 * @returns The links in their order.
 */
export function linksOf(markdown: string): MarkdownLink[] {
  return proseOf(markdown).flatMap((text, index) => {
    const prose = text.replace(/`[^`]*`/g, '')
    return [...prose.matchAll(LINK)].map(([, target = '']) => ({ target, line: index + 1 }))
  })
}

/**
 * Finds the code spans of a Markdown file outside of its blocks.
 *
 * @param markdown - The file's text.
 * @returns The spans in their order.
 */
export function codeSpansOf(markdown: string): CodeSpan[] {
  return proseOf(markdown).flatMap((prose, index) =>
    [...prose.matchAll(/`([^`]+)`/g)].map(([, text = '']) => ({ text, line: index + 1 })),
  )
}

/**
 * Lists the anchors that GitHub gives the headings of a Markdown file.
 *
 * @param markdown - The file's text.
 * @returns The anchors without `#`.
 */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>()
  for (const text of proseOf(markdown)) {
    const heading = /^#{1,6} +(.*?) *#*$/.exec(text)?.[1]
    if (heading === undefined) continue
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    let anchor = slug
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`
    anchors.add(anchor)
  }
  return anchors
}

/** Lines of the file, those of code blocks emptied. */
function proseOf(markdown: string): string[] {
  const lines = markdown.split('\n')
  for (const { line, code } of codeBlocksOf(markdown)) {
    const end = line + code.split('\n').length + 1
    for (let index = line - 1; index < end; index++) lines[index] = ''
  }
  return lines
}
