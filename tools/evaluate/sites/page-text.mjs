/**
 * @typedef {object} PageShape
 * @property {string} content Selector of what is read; all of the body where nothing fits.
 * @property {string} leftOut Selector of what is not read, such as navigation.
 * @property {string} siteName What the site puts at the end of each title.
 */

const NEVER_SHOWN = 'script, style, template, noscript, svg'

/** What stands in lines of its own. */
const BLOCKS = new Set(
  'ADDRESS ARTICLE ASIDE BLOCKQUOTE CAPTION DD DETAILS DIV DL DT FIGCAPTION FIGURE H1 H2 H3 H4 H5 H6 HR LI MAIN OL P PRE SECTION TABLE TR UL'.split(
    ' ',
  ),
)

/**
 * Reads the text of a page as a reader sees it: headings, code and terms are text like any other, each block in lines of its own.
 *
 * @param {Document} page
 * @param {PageShape} shape
 * @returns {{ title: string, text: string }}
 */
export function readPage(page, { content, leftOut, siteName }) {
  const title = oneLine(page.title)
  const text = textOf(page.querySelector(content) ?? page.body, `${NEVER_SHOWN}, ${leftOut}`)
    .replace(/[ \t]*\n\s*\n[ \t]*/g, '\n\n')
    .trim()
  return { title: title.endsWith(siteName) ? title.slice(0, title.length - siteName.length).trim() : title, text }
}

/** @param {string} text */
function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim()
}

/**
 * @param {Node} node
 * @param {string} leftOut
 * @returns {string}
 */
function textOf(node, leftOut) {
  if (node.nodeType === Node.TEXT_NODE) return (node.nodeValue ?? '').replace(/\s+/g, ' ')
  if (!(node instanceof Element) || node.matches(leftOut)) return ''
  if (node.tagName === 'PRE') return `\n\n${node.textContent.trimEnd()}\n\n`
  if (node.tagName === 'BR') return '\n'
  const inside = Array.from(node.childNodes, (child) => textOf(child, leftOut)).join('')
  if (node.tagName === 'TD' || node.tagName === 'TH') return ` ${inside} `
  return BLOCKS.has(node.tagName) ? `\n\n${inside.trim()}\n\n` : inside
}
