import type { Theme } from 'vitepress'
// Without fonts: what the reader's system has is enough, and nothing is fetched.
import DefaultTheme from 'vitepress/theme-without-fonts'
import { defineAsyncComponent } from 'vue'
// oxlint-disable-next-line import/no-unassigned-import -- a style is for its effect
import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    // Loaded by the one page that has it: the others need no library in the reader's browser.
    app.component(
      'LiveConnection',
      defineAsyncComponent(() => import('./live/LiveConnection.vue')),
    )
  },
} satisfies Theme
