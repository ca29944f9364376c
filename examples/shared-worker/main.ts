import { show } from './feed.js'

show(document.querySelector('#app')!)
