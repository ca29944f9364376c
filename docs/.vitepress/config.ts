import { fileURLToPath } from 'node:url'
import { defineConfig, type MarkdownRenderer } from 'vitepress'
import { siteLink } from './site/links.js'
import { sidebar } from './site/sidebar.js'

/** Links as they are in the repository become links of the site. */
function linksOfTheSite(md: MarkdownRenderer): void {
  md.core.ruler.push('links of the site', ({ tokens, env }) => {
    const { path } = env as { path: string }
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : undefined
      if (href) token.attrSet('href', siteLink(href, path))
    }
  })
}

/** What docs/chart.md takes from the chart stands between comments, which are a box here. */
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
    'One WebSocket connection that stays alive: an XState statechart decides, thin transports carry the bytes.',
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
    // The page that breaks a connection uses the library itself, as it is built here.
    resolve: {
      alias: [
        {
          find: /^statewire(\/inspect)?$/,
          replacement: fileURLToPath(new URL('../../dist/src', import.meta.url)) + '$1/index.js',
        },
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
      { text: 'Chart', link: '/chart' },
      { text: 'Failures', link: '/failures' },
      { text: 'Reference', link: '/reference/' },
    ],
    docFooter: { prev: 'Before', next: 'Next' },
  },
})
