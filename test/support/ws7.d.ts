/** ws 7 under another name; its types are close enough to those of ws 8. */
declare module 'ws7' {
  export { WebSocket as default } from 'ws'
}
