import type { Theme } from 'vitepress'
// Without fonts: the site uses system fonts and fetches nothing.
import DefaultTheme from 'vitepress/theme-without-fonts'
import { defineAsyncComponent } from 'vue'
// oxlint-disable-next-line import/no-unassigned-import -- a style is for its effect
import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    // Only the page that uses it loads it, and the library with it.
    app.component(
      'LiveConnection',
      defineAsyncComponent(() => import('./live/LiveConnection.vue')),
    )
  },
} satisfies Theme
