import vue from '@vitejs/plugin-vue'
import { echo } from '../support/echo.js'

export default { plugins: [vue(), echo()] }
