import type { Server } from 'node:http'
import { serve as listen } from '@hono/node-server'
import { Hono } from 'hono'
import { sessionServer } from 'statewire/server'
import { WebSocketServer } from 'ws'
import { authenticate, port, serve } from './app.js'

const app = new Hono().get('/', (context) => context.text('up'))
export const http = listen({ fetch: app.fetch, port, hostname: '127.0.0.1' }) as Server
export const sockets = new WebSocketServer({ server: http, path: '/sessions' })
export const sessions = sessionServer({ server: sockets, authenticate })
sessions.on('session', serve)
