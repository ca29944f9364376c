import solid from 'vite-plugin-solid'
import { echo } from '../support/echo.js'

export default { plugins: [solid(), echo()] }
