import { fileURLToPath } from 'node:url'
import { defineConfig, type MarkdownRenderer } from 'vitepress'
import { siteLink } from './site/links.js'
import { sidebar } from './site/sidebar.js'

/** The library, as built here. */
const built = fileURLToPath(new URL('../../dist/src/', import.meta.url))

/** Turns links of the repository into links of the site. */
function linksOfTheSite(md: MarkdownRenderer): void {
  md.core.ruler.push('links of the site', ({ tokens, env }) => {
    const { path } = env as { path: string }
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : undefined
      if (href) token.attrSet('href', siteLink(href, path))
    }
  })
}

/** Draws a box around what docs/chart.md takes from the chart, which stands between comments. */
function boxesForStates(md: MarkdownRenderer): void {
  md.core.ruler.push('boxes for states', ({ tokens }) => {
    for (const token of tokens.filter(({ type }) => type === 'html_block')) {
      token.content = token.content
        .replace(/<!-- state: [\w.]+ -->/, '<div class="state">')
        .replace('<!-- /state -->', '</div>')
    }
  })
}

export default defineConfig({
  title: 'statewire',
  description:
    'A WebSocket connection that stays up: it detects dead links, reconnects without stampeding the server, and reports what may be lost.',
  base: process.env.DOCS_BASE ?? '/',
  cleanUrls: false,
  srcExclude: ['node_modules/**'],
  rewrites: { 'decisions/README.md': 'decisions/index.md' },
  head: [['link', { rel: 'icon', href: `${process.env.DOCS_BASE ?? '/'}icon.svg`, type: 'image/svg+xml' }]],
  markdown: {
    theme: { light: 'github-light', dark: 'github-dark' },
    languageAlias: { mts: 'ts' },
    config: (md) => {
      md.use(linksOfTheSite)
      md.use(boxesForStates)
    },
  },
  vite: {
    // The page that breaks a connection uses the library as built here.
    resolve: {
      alias: [
        { find: /^statewire$/, replacement: `${built}index.js` },
        { find: /^statewire\/inspect$/, replacement: `${built}tools/inspect/index.js` },
      ],
    },
    build: { chunkSizeWarningLimit: 2_000 },
  },
  themeConfig: {
    siteTitle: 'statewire',
    search: { provider: 'local' },
    sidebar,
    outline: { level: [2, 3], label: 'On this page' },
    nav: [
      { text: 'Start', link: '/start' },
      {
        text: 'Guides',
        items: [
          { text: 'Heartbeats', link: '/heartbeats' },
          { text: 'Authentication', link: '/authentication' },
          { text: 'JSON and validation', link: '/json' },
          { text: 'Request and reply', link: '/requests' },
          { text: 'Delivery', link: '/delivery' },
          { text: 'Subscribing again', link: '/subscriptions' },
          { text: 'Frameworks', link: '/frameworks' },
          { text: 'Testing', link: '/testing' },
        ],
      },
      {
        text: 'Reference',
        items: [
          { text: 'API', link: '/reference/' },
          { text: 'Errors', link: '/errors' },
          { text: 'Failures', link: '/failures' },
          { text: 'The chart', link: '/chart' },
        ],
      },
      { text: 'Contributing', link: '/project/contributing' },
    ],
    docFooter: { prev: 'Previous', next: 'Next' },
  },
})
