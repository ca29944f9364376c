import react from '@vitejs/plugin-react'
import { echo } from '../support/echo.js'

export default { plugins: [react(), echo()] }
