import { createServer } from 'node:http'
import { sessionServer } from 'statewire/server'
import { WebSocketServer } from 'ws'
import { authenticate, port, serve } from './app.js'

export const http = createServer((_request, response) => response.end('up'))
export const sockets = new WebSocketServer({ server: http, path: '/sessions' })
export const sessions = sessionServer({ server: sockets, authenticate })
sessions.on('session', serve)
http.listen(port, '127.0.0.1')
