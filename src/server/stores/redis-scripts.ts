import { createHash } from 'node:crypto'

// Each script is atomic. The keys of a session share a hash tag, so they are in one slot of a cluster:
//   meta    a hash. p principal, g generation, n owner, r handled, t last message, e epoch, x deadline, b bytes ever appended, f of these the
//           bytes dropped, s why it was ended, y the last message that may have been handled, ':<topic>' for each topic. It outlives the
//           session by `tombstone`.
//   out     a stream of messages, with the ids `<number>-<bytes appended before it>`, so that bounds in bytes need no scan.
//   key     the number of the message that was appended with this key.
// The first four arguments are the same everywhere: 'replid' or 'session', the node, the channel of nodes, and the session or topic.

const prelude = `
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
-- Identifies the history of the data: another one after a failover or a restart.
local function era()
  if ARGV[1] ~= 'replid' then return '' end
  local id = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  return string.sub(redis.sha1hex(id), 1, 12)
end
-- An epoch has 12 random characters, and then the era.
local function stale(e)
  return ARGV[1] == 'replid' and string.sub(e, 13) ~= era()
end
local function over(x, s, e)
  if not x then return 'unknown' end
  if s then return s end
  if tonumber(x) < now() then return 'expired' end
  if stale(e) then return 'store' end
  return nil
end
local function node(owner)
  return string.match(owner or '', '^[^/]+')
end
local function tell(owner, message)
  local to = node(owner)
  if to and to ~= ARGV[2] then redis.call('PUBLISH', ARGV[3] .. to, message) end
end
local function whole(n)
  return string.format('%.0f', n)
end
`

/** The parts that renew a deadline, from `ttl` and `tombstone` in milliseconds. */
const renew = `
local function renew(ttl, tombstone)
  local x = now() + ttl
  redis.call('HSET', KEYS[1], 'x', whole(x))
  redis.call('PEXPIREAT', KEYS[1], whole(x + tombstone))
  redis.call('PEXPIREAT', KEYS[2], whole(x))
end
`

const bodies = {
  // meta out · gen rx epoch principal fresh ttl tombstone
  claim: `${renew}
local m = redis.call('HMGET', KEYS[1], 'p', 'g', 'n', 'r', 't', 'e', 'x', 's', 'y')
local gen, rx, epoch = ARGV[5], tonumber(ARGV[6]), ARGV[7]
local ttl, tombstone = tonumber(ARGV[10]), tonumber(ARGV[11])
if not m[1] then
  if epoch ~= '' or rx > 0 then return {'unknown', -1, 0, -1} end
  local e = ARGV[9] .. era()
  redis.call('HSET', KEYS[1], 'p', ARGV[8], 'g', gen, 'n', '', 'r', 0, 't', 0, 'e', e, 'b', 0, 'f', 0)
  redis.call('DEL', KEYS[2])
  renew(ttl, tombstone)
  return {'new', 0, 0, e, '', 0}
end
if m[1] ~= ARGV[8] then return {'forbidden', -1, 0, -1} end
if tonumber(gen) <= tonumber(m[2]) then return {'superseded', -1, 0, -1} end
redis.call('HSET', KEYS[1], 'g', gen)
local handled, tail, y = tonumber(m[4]), tonumber(m[5]), tonumber(m[9] or '0')
local free, tried = 0, -1
if m[3] == '' then
  if y > handled then tried = y else free = 1 end
end
if m[8] then return {m[8], handled, free, tried} end
-- After a failover, a later owner and what it handled may be missing.
if stale(m[6]) then return {'store', handled, 0, -1} end
if tonumber(m[7]) < now() then return {'expired', handled, free, tried} end
if epoch ~= '' and epoch ~= m[6] then return {'store', handled, free, tried} end
if rx > tail then return {'rewound', handled, free, tried} end
if rx < tail then
  local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
  if not first or tonumber(string.match(first[1], '^%d+')) > rx + 1 then return {'range', handled, free, tried} end
end
renew(ttl, tombstone)
local reply = {'resumed', handled, tail, m[6], m[3], y}
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(name, 1, 1) == ':' then reply[#reply + 1] = string.sub(name, 2) end
end
return reply`,

  // meta out · gen token ttl tombstone tried
  take: `${renew}
local m = redis.call('HMGET', KEYS[1], 'g', 'r', 'x', 's', 'e', 'y')
if m[1] ~= ARGV[5] or over(m[3], m[4], m[5]) then return -1 end
redis.call('HSET', KEYS[1], 'n', ARGV[6])
if tonumber(ARGV[9]) > tonumber(m[6] or '0') then redis.call('HSET', KEYS[1], 'y', ARGV[9]) end
renew(tonumber(ARGV[7]), tonumber(ARGV[8]))
return tonumber(m[2])`,

  // meta out · token rx ttl tombstone. Returns '' if it is stored, the reason if the session is over, and 'owner'.
  commit: `${renew}
local m = redis.call('HMGET', KEYS[1], 'n', 'r', 'x', 's', 'e')
local why = over(m[3], m[4], m[5])
if m[1] and m[1] ~= ARGV[5] then return 'owner' end
if why then return why end
if tonumber(ARGV[6]) > tonumber(m[2]) then redis.call('HSET', KEYS[1], 'r', ARGV[6]) end
renew(tonumber(ARGV[7]), tonumber(ARGV[8]))
return ''`,

  // meta · rx token to
  release: `
local m = redis.call('HMGET', KEYS[1], 'r', 'n')
if m[1] then
  if tonumber(ARGV[5]) > tonumber(m[1]) then redis.call('HSET', KEYS[1], 'r', ARGV[5]) end
  if m[2] == ARGV[6] then redis.call('HSET', KEYS[1], 'n', '') end
end
if ARGV[7] ~= '' then redis.call('PUBLISH', ARGV[3] .. ARGV[7], 'R' .. ARGV[6] .. ' ' .. ARGV[4]) end
return 1`,

  // meta out · reason rx tried tombstone
  finish: `
local m = redis.call('HMGET', KEYS[1], 'n', 'r', 'x', 's', 'y')
if not m[3] or m[4] or tonumber(m[3]) < now() then return 0 end
local handled = math.max(tonumber(m[2]), tonumber(ARGV[6]))
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'r', whole(handled), 's', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[8])
if node(m[1]) and node(m[1]) ~= ARGV[2] then
  tell(m[1], 'E' .. ARGV[5] .. ' ' .. ARGV[4])
else
  redis.call('HSET', KEYS[1], 'n', '', 'y', whole(math.max(handled, tonumber(ARGV[7]), tonumber(m[5] or '0'))))
end
return 1`,

  // meta out [key] · kind data size most messages, bytes, ttl. Returns the number; -1, the reason and the owner if it is over; -2 if full.
  append: `
if KEYS[3] then
  local known = redis.call('GET', KEYS[3])
  if known then return tonumber(known) end
end
local m = redis.call('HMGET', KEYS[1], 'n', 't', 'x', 's', 'e', 'b', 'f')
local why = over(m[3], m[4], m[5])
if why then
  if why == 'store' then tell(m[1], 'Estore ' .. ARGV[4]) end
  return {-1, why, m[1] or ''}
end
local count, size, bytes = redis.call('XLEN', KEYS[2]), tonumber(ARGV[7]), tonumber(m[6])
if count >= tonumber(ARGV[8]) or bytes - tonumber(m[7]) + size > tonumber(ARGV[9]) then return -2 end
local number = tonumber(m[2]) + 1
redis.call('HSET', KEYS[1], 't', whole(number), 'b', whole(bytes + size))
redis.call('XADD', KEYS[2], whole(number) .. '-' .. whole(bytes), ARGV[5], ARGV[6])
if count == 0 then redis.call('PEXPIREAT', KEYS[2], m[3]) end
if KEYS[3] then redis.call('SET', KEYS[3], whole(number), 'PX', ARGV[10]) end
tell(m[1], 'A' .. ARGV[4])
return number`,

  // meta out · after limit. The reason and the owner if the client would have more than the store.
  range: `
local m = redis.call('HMGET', KEYS[1], 't', 'x', 's', 'e', 'n')
local why = over(m[2], m[3], m[4])
if why then return {} end
if tonumber(ARGV[5]) > tonumber(m[1]) then return {'rewound', m[5]} end
return redis.call('XRANGE', KEYS[2], whole(tonumber(ARGV[5]) + 1), '+', 'COUNT', ARGV[6])`,

  // meta out · upTo
  trim: `
if redis.call('XTRIM', KEYS[2], 'MINID', whole(tonumber(ARGV[5]) + 1)) == 0 then return 0 end
local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
redis.call('HSET', KEYS[1], 'f', first and string.match(first[1], '%d+$') or redis.call('HGET', KEYS[1], 'b'))
return 1`,

  // meta · topic 1 or 0
  member: `
local m = redis.call('HMGET', KEYS[1], 'x', 's', 'e')
if over(m[1], m[2], m[3]) then return 0 end
if ARGV[6] == '1' then return redis.call('HSET', KEYS[1], ':' .. ARGV[5], '') end
return redis.call('HDEL', KEYS[1], ':' .. ARGV[5])`,

  // meta · token
  owned: `
return redis.call('HGET', KEYS[1], 'n') == ARGV[5] and 1 or 0`,

  // lease of another node · its name, message. Asks it, if it lives.
  ask: `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('PUBLISH', ARGV[3] .. ARGV[5], ARGV[6])
return 1`,

  // lease · milliseconds beat. The node hears its own beat, so it notices that its subscription is gone.
  lease: `
redis.call('SET', KEYS[1], '1', 'PX', ARGV[5])
redis.call('PUBLISH', ARGV[3] .. ARGV[2], 'P' .. ARGV[6])
return 1`,

  // lease
  leave: `
return redis.call('DEL', KEYS[1])`,

  // A topic: meta out [key]. In meta, e is the epoch, and t the last offset.
  // · fresh kind data most messages, ttl, channel
  publish: `
if KEYS[3] then
  local known = redis.call('GET', KEYS[3])
  if known then return tonumber(known) end
end
local m = redis.call('HMGET', KEYS[1], 'e', 't')
if not m[1] or stale(m[1]) then redis.call('HSET', KEYS[1], 'e', ARGV[5] .. era()) end
local offset = tonumber(m[2] or 0) + 1
redis.call('HSET', KEYS[1], 't', whole(offset))
redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[8], whole(offset) .. '-0', ARGV[6], ARGV[7])
if KEYS[3] then redis.call('SET', KEYS[3], whole(offset), 'PX', ARGV[9]) end
redis.call('PUBLISH', ARGV[10], '')
return offset`,

  // meta out · fresh
  topic: `
local m = redis.call('HMGET', KEYS[1], 'e', 't')
local e, tail = m[1], tonumber(m[2] or 0)
if not e or stale(e) then
  e = ARGV[5] .. era()
  redis.call('HSET', KEYS[1], 'e', e, 't', whole(tail))
end
local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
return {e, first and tonumber(string.match(first[1], '^%d+')) or tail + 1, tail}`,

  // meta out · epoch after limit
  topicRange: `
local m = redis.call('HMGET', KEYS[1], 'e', 't')
local after = tonumber(ARGV[6])
if m[1] ~= ARGV[5] or stale(m[1]) or after > tonumber(m[2]) then return 'lost' end
if after == tonumber(m[2]) then return {} end
local rows = redis.call('XRANGE', KEYS[2], whole(after + 1), '+', 'COUNT', ARGV[7])
if not rows[1] or tonumber(string.match(rows[1][1], '^%d+')) ~= after + 1 then return 'lost' end
return rows`,
}

export type ScriptName = keyof typeof bodies

export interface Script {
  readonly source: string
  readonly sha: string
}

/** The scripts with their SHA-1 hashes, by which Redis caches them. */
export function makeScripts(): Readonly<Record<ScriptName, Script>> {
  const entries = Object.entries(bodies).map(([name, body]) => {
    const source = prelude + body
    return [name, { source, sha: createHash('sha1').update(source).digest('hex') }] as const
  })
  return Object.fromEntries(entries) as Record<ScriptName, Script>
}
