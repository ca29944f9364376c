import { createServer } from 'node:http'
import { selectProtocol, sessionServer } from 'statewire/server'
import { WebSocketServer } from 'ws'
import { authenticate, port, serve } from './app.js'

export const sockets = new WebSocketServer({ noServer: true, handleProtocols: selectProtocol })
export const sessions = sessionServer({ authenticate })
sessions.on('session', serve)
export const http = createServer((_request, response) => response.end('up'))
http.on('upgrade', (request, socket, head) => {
  if (request.url !== '/sessions') return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
  sockets.handleUpgrade(request, socket, head, (link) => sessions.accept(link, request))
})
http.listen(port, '127.0.0.1')
