// What Vite makes modules of.
declare module '*.css'
declare module '*.vue' {
  import type { Component } from 'vue'
  const component: Component
  // oxlint-disable-next-line import/no-default-export -- so it is imported
  export default component
}
