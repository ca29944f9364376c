// Books payments in Postgres: each message of a session exactly once, however often it is handled.
import type { Pool } from 'pg'

export interface Payment {
  readonly reference: string
  readonly account: string
  readonly cents: number
}

export const schema = `
  create table if not exists progress (session text primary key, handled bigint not null default 0);
  create table if not exists payments (reference text not null, account text not null, cents integer not null)`

/** The number of the last message of this session that is booked. */
export async function processed(database: Pool, session: string): Promise<number> {
  const { rows } = await database.query('select handled from progress where session = $1', [session])
  return Number(rows[0]?.handled ?? 0)
}

/** Books a batch, of which `first` is the number of the first message, and its progress, in one transaction. */
export async function book(database: Pool, session: string, first: number, batch: readonly Payment[]): Promise<void> {
  const client = await database.connect()
  try {
    await client.query('begin')
    await client.query('insert into progress (session) values ($1) on conflict do nothing', [session])
    // The lock makes a second process wait that handles the same messages, for example one that was suspended and woke up.
    const { rows } = await client.query('select handled from progress where session = $1 for update', [session])
    const left = batch.slice(Math.max(0, Number(rows[0].handled) + 1 - first))
    if (left.length > 0) {
      await client.query('insert into payments select * from json_populate_recordset(null::payments, $1)', [
        JSON.stringify(left),
      ])
      await client.query('update progress set handled = $2 where session = $1', [session, first + batch.length - 1])
    }
    await client.query('commit')
    client.release()
  } catch (error) {
    // Ends the database connection, and with it the transaction.
    client.release(true)
    throw error
  }
}
