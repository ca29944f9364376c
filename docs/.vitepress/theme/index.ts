import type { Theme } from 'vitepress'
// Without fonts: what the reader's system has is enough, and nothing is fetched.
import DefaultTheme from 'vitepress/theme-without-fonts'
import './style.css'

export default { extends: DefaultTheme } satisfies Theme
