import './hermes-natives.js'
import './app.js'
