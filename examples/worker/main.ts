import { mount } from './feed.js'

mount(document.querySelector('#app')!)
