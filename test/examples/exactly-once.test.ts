// examples/exactly-once, with a real Postgres and a real Redis.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeWith } from '../support/describe-with.js'
import { missingPostgres, startPostgres, type Postgres } from '../support/postgres.js'
import { startRedis, type RunningServer } from '../support/servers.js'
import { folder, missingTools, root, Running } from './support/examples.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

interface Booking {
  schema: string
  processed(database: unknown, session: string): Promise<number>
  book(database: unknown, session: string, first: number, batch: readonly object[]): Promise<void>
}
interface Pool {
  query(sql: string): Promise<unknown>
  end(): Promise<void>
}

const cannot = missingTools() ?? missingPostgres()

describeWith('redis-server', 'payments', () => {
  let postgres: Postgres
  let redis: RunningServer
  beforeAll(async () => {
    if (cannot !== undefined) return
    postgres = await startPostgres()
    redis = await startRedis()
  })
  afterAll(async () => {
    await redis?.remove()
    await postgres?.remove()
  })

  test.skipIf(cannot !== undefined)(
    'are booked exactly once although the server process is killed five times while it books',
    async () => {
      await using running = new Running('npm', ['run', 'exactly-once', '--prefix', 'examples'], {
        cwd: root,
        env: { DATABASE_URL: postgres.url, REDIS_URL: `redis://127.0.0.1:${redis.port}` },
      })
      const code = await running.ended()
      expect(running.output).toContain('kills: 5, payments sent: 1000, booked: 1000, booked twice: 0')
      expect(code, running.output).toBe(0)
      const counts = 'select count(*), count(distinct reference), sum(cents) from payments'
      expect(await postgres.query(counts)).toEqual(['1000|1000|1000'])
      // One session did all of it.
      expect(await postgres.query('select handled from progress')).toEqual(['1000'])
    },
  )

  test.skipIf(cannot !== undefined)(
    'of a batch that is handled again are booked only as far as they were not',
    async () => {
      const { book, processed, schema } = (await import(join(folder, 'exactly-once/book.ts'))) as Booking
      const pg = (await import(join(folder, 'node_modules/pg/esm/index.mjs'))) as {
        Pool: new (options: object) => Pool
      }
      const pool = new pg.Pool({ connectionString: postgres.url })
      await pool.query(schema)
      const payments = Array.from({ length: 6 }, (_, index) => ({
        reference: `again ${index + 1}`,
        account: 'bob',
        cents: 1,
      }))
      expect(await processed(pool, 'again')).toBe(0)
      await book(pool, 'again', 1, payments.slice(0, 3))
      expect(await processed(pool, 'again')).toBe(3)
      // Two processes handle the same messages, in batches of their own.
      await Promise.all([
        book(pool, 'again', 1, payments.slice(0, 3)),
        book(pool, 'again', 2, payments.slice(1, 5)),
        book(pool, 'again', 4, payments.slice(3, 6)),
      ])
      expect(await processed(pool, 'again')).toBe(6)
      // A batch that fails books nothing, and moves nothing.
      const broken = [
        { reference: 'again 7', account: 'bob', cents: 1 },
        { reference: 'again 8', account: 'bob' },
      ]
      await expect(book(pool, 'again', 7, broken)).rejects.toThrow('null value')
      expect(await processed(pool, 'again')).toBe(6)
      await pool.end()
      expect(await postgres.query("select reference from payments where account = 'bob' order by 1")).toEqual(
        payments.map(({ reference }) => reference),
      )
    },
  )
})
