import { svelte } from '@sveltejs/vite-plugin-svelte'
import { echo } from '../support/echo.js'

export default { plugins: [svelte(), echo()] }
