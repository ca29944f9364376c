import { unref } from '../core/time/clock.js'
import type { SocketLink } from './link.js'
import type { ServerNode } from './node.js'
import type { Registry } from './registry.js'
import type { LiveSession } from './session.js'

/** The spread of the delays that clients are asked for. Milliseconds. */
const least = 50
const most = 550

/** How long clients have to answer a close frame. Milliseconds. */
const farewell = 2_000

/**
 * Lets the sessions of a node go, one by one and spread over `within` milliseconds, so that the other nodes get no storm. Resolves when
 * all have gone; those whose handlers don't finish in time are dropped.
 */
export async function drainNode(
  node: ServerNode,
  sessions: Registry,
  links: ReadonlySet<SocketLink>,
  within: number,
): Promise<void> {
  const { clock, settings } = node
  const sockets = [...links]
  for (const link of links) if (link.session === undefined) link.close(1012, `draining, ${hint()}`)
  const leave = async (session: LiveSession): Promise<void> => {
    const close = { code: 1012, reason: `draining, ${hint()}` }
    if (node.store.shared) await session.release('moved', '', close)
    else await session.drain(close)
  }
  const all = sessions.all()
  const pause = all.length === 0 ? 0 : within / all.length
  const spread = all.map(async (session, index) => {
    // Those without a link go at once: no client comes back because of it.
    if (session.link !== undefined) await sleep(clock, index * pause)
    await leave(session)
  })
  const gone = Promise.all(spread).then(async () => {
    // Hellos that were being answered when the drain began.
    await Promise.all(sessions.all().map(leave))
  })
  await Promise.race([gone, sleep(clock, within + settings.handover)])
  for (const link of links) link.terminate()
  await whenClosed(clock, sockets)
}

/**
 * Resolves once these sockets are closed: what was sent to them has then left the process, which may exit. Drops those whose clients don't
 * answer.
 */
export async function whenClosed(clock: ServerNode['clock'], links: readonly SocketLink[]): Promise<void> {
  await Promise.race([Promise.all(links.map((link) => link.whenClosed())), sleep(clock, farewell)])
  for (const link of links) if (!link.closed) link.terminate()
}

function hint(): string {
  return `retry-after=${Math.round(least + Math.random() * (most - least))}ms`
}

/** Doesn't keep the process alive: the sockets do. */
export function sleep(clock: ServerNode['clock'], delay: number): Promise<void> {
  return new Promise((resolve) => unref(clock.setTimeout(resolve, delay)))
}
