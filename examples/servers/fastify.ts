import { fastify } from 'fastify'
import { sessionServer } from 'statewire/server'
import { WebSocketServer } from 'ws'
import { authenticate, port, serve } from './app.js'

const app = fastify()
app.get('/', () => 'up')
export const http = app.server
export const sockets = new WebSocketServer({ server: http, path: '/sessions' })
export const sessions = sessionServer({ server: sockets, authenticate })
sessions.on('session', serve)
await app.listen({ port, host: '127.0.0.1' })
