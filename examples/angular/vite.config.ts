import angular from '@analogjs/vite-plugin-angular'
import { echo } from '../support/echo.js'

export default { plugins: [angular({ tsconfig: 'tsconfig.json', liveReload: true }), echo()] }
