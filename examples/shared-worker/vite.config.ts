import { echo } from '../support/echo.js'

export default { plugins: [echo()] }
