import express from 'express'
import { sessionServer } from 'statewire/server'
import { WebSocketServer } from 'ws'
import { authenticate, port, serve } from './app.js'

const app = express()
app.get('/', (_request, response) => response.send('up'))
export const http = app.listen(port, '127.0.0.1')
export const sockets = new WebSocketServer({ server: http, path: '/sessions' })
export const sessions = sessionServer({ server: sockets, authenticate })
sessions.on('session', serve)
