// A library's application on Knex and node-postgres. It knows nothing of versions.
'use strict';
const readline = require('readline');
const pg = require('pg');
const makeKnex = require('knex');

// Dates as the server sends them; what is left are numbers, strings, objects, arrays.
for (const oid of [1082, 1114]) pg.types.setTypeParser(oid, (text) => text);

const connection = {
  host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER,
  database: process.env.PGDATABASE, password: process.env.PGPASSWORD,
};
const knex = makeKnex({ client: 'pg', connection, pool: { min: 1, max: 3 } });
const raw = new pg.Client(connection);

function show(label, ...values) {
  console.log(`${label}: ${values.map((value) => JSON.stringify(value)).join(' ')}`);
}

// The server returns rows in the order it met them, which is no part of the answer.
function byId(found) {
  return found.sort((one, other) => one.id - other.id);
}

async function attempt(label, work) {
  try {
    show(label, await work());
  } catch (error) {
    show(label, error.code || error.message);
  }
}

async function rows(n) {
  const [ann] = await knex('members').insert({
    name: `Ann Round${n}`, email: `ann${n}@example.com`, preferences: JSON.stringify({ round: n }),
  }).returning('*');
  show('insert', ann);
  const many = await knex('members').insert([
    { name: 'Cher', email: `cher${n}@example.com`, points: 5, active: false },
    { name: `Two Names${n}`, email: `two${n}@example.com`, level: 4 },
    { name: `Three Van Names${n}`, email: `three${n}@example.com` },
  ]).returning(['id', 'name', 'points', 'level', 'active', 'joined']);
  show('rows with different columns', many);
  const [book] = await knex('books').insert({
    isbn: `99${String(n).padStart(11, '0')}`, title: `Round ${n}`, price: '12.34', tags: ['new', `r${n}`],
  }).returning('*');
  show('book', book);
  show('loans', await knex('loans').insert([
    { member_id: ann.id, book_id: book.id, due: '2026-04-01' },
    { member_id: ann.id, book_id: 1 + n, fine: '0.07', note: 'second' },
  ]).returning(['id', 'fine', 'state', 'lent', 'due']));
  show('update', await knex('members').where({ id: ann.id }).update(
    { name: 'Ann van Marriage', active: false }, ['id', 'name', 'active', 'version_id']));
  show('increment', await knex('members').where('id', '<', 6).increment({ points: 5, level: 1 }),
    await knex('members').where('id', 4).decrement('points', 2).returning(['points', 'level']));
  show('raw in update', byId(await knex('members').where('email', 'like', `t%${n}@example.com`).update({
    name: knex.raw('upper(??)', ['name']), points: knex.ref('level'), version_id: knex.raw('version_id + 1'),
  }).returning(['id', 'name', 'points', 'version_id'])));
  show('update from', byId(await knex('loans').updateFrom('members').where('loans.member_id', knex.ref('members.id'))
    .where('members.email', `ann${n}@example.com`).update({ fine: knex.raw('loans.fine + members.points'), state: 'late' })
    .returning(['loans.id', 'loans.fine', 'members.name'])));
  show('json', await knex('members').where({ id: ann.id }).update(
    { preferences: knex.jsonSet('preferences', '$.seen', 'true') }).returning('preferences'));
  show('array', await knex('books').where({ id: book.id }).update(
    { tags: knex.raw('array_append(tags, ?)', ['seen']), price: knex.raw('price * 2') }).returning(['tags', 'price']));
  show('delete', await knex('members').where({ email: `cher${n}@example.com` }).del(['id', 'name', 'active']));
  show('delete using', byId(await knex('loans').using('books').where('loans.book_id', knex.ref('books.id'))
    .where('books.title', `Title ${n}`).where('loans.note', 'second').del().returning('loans.id')));
}

async function many(n) {
  const made = await knex.batchInsert('members', Array.from({ length: 40 }, (_, i) => ({
    name: `Bulk Number${i}`, email: `bulk${n}.${i}@example.com`, points: i, active: i % 2 === 0,
  })), 15).returning(['id', 'points']);
  show('batchInsert', made.length, made[0], made[39]);
  await knex('loans').insert(made.map((row, i) => (
    { member_id: row.id, book_id: 1 + (i % 5), fine: i / 4, note: i % 3 ? `n${i}` : null })));
  show('insert from select', await knex(knex.raw('loans (member_id, book_id, lent, fine)')).insert(
    knex('loans').select('member_id', 'book_id', knex.raw('lent + 30'), knex.raw('fine / 2'))
      .whereBetween('member_id', [made[30].id, made[39].id]).orderBy('id')).then((result) => result.rowCount));
  show('with', await knex.with('changed', knex('members').where('email', 'like', `bulk${n}.%`).where('active', true)
    .update({ name: knex.raw("replace(name, 'Number', 'No')"), active: false }).returning('*'))
    .from('changed').count('*').sum('points').max('name'));
  show('where in', await knex('loans').whereIn('member_id', knex('members').select('id')
    .where('email', 'like', `bulk${n}.%`)).andWhere('fine', '<', 1).del());
}

async function upserts(n) {
  show('merge', await knex('members').insert([
    { name: `Upsert A${n}`, email: 'member5@example.com', points: 10 },
    { name: `Upsert B${n}`, email: `upsert${n}@example.com`, points: 20 },
  ]).onConflict('email').merge(['name', 'points']).returning(['id', 'name', 'points', 'active']));
  show('merge all', await knex('books').insert({ isbn: '9780000000004', title: `Fourth ${n}`, price: '4.44' })
    .onConflict('isbn').merge().returning('*'));
  show('merge with expressions', await knex('members').insert({ id: 7, name: 'Seven', email: 'seventh@example.com' })
    .onConflict('id').merge({ name: knex.raw("members.name || ' ' || excluded.name"), points: knex.raw('members.points + 1') })
    .where('members.points', '>', 0).returning(['id', 'name', 'points', 'email']));
  show('three columns', await knex('loans').insert({ member_id: 2, book_id: 2, lent: '2026-02-01', fine: '9.99' })
    .onConflict(['member_id', 'book_id', 'lent']).merge({ fine: knex.raw('loans.fine + excluded.fine') }).returning('fine'));
  show('ignore', await knex('members').insert([{ name: 'No Body', email: 'member6@example.com' },
    { name: 'Some Body', email: `some${n}@example.com` }]).onConflict('email').ignore().returning('name'),
  (await knex('members').insert({ name: 'No Body', email: 'member6@example.com' }).onConflict().ignore()).rowCount);
}

async function transactions(n) {
  await knex.transaction(async (trx) => {
    const member = await trx('members').where('id', 11).forUpdate().first();
    await trx('members').where('id', 11).update({ points: member.points + 10, name: `Locked Once${n}` });
    show('skip locked', await knex('members').whereIn('id', [11, 12]).orderBy('id').forUpdate().skipLocked().select('id'));
    await attempt('savepoint', () => trx.transaction(async (inner) => {
      await inner('members').where('id', 12).update({ name: 'Rolled Back' });
      await inner('members').insert({ name: 'Bad Twin', email: 'member1@example.com' });
    }));
    await trx.transaction((inner) => inner('members').where('id', 13).update({ name: `Kept Inner${n}` }));
  });
  show('committed', await knex('members').whereIn('id', [11, 12, 13]).orderBy('id').select('id', 'name', 'points'));
  await attempt('rolled back', () => knex.transaction(async (trx) => {
    await trx('members').update({ name: 'Nobody Left' });
    throw new Error('changed my mind');
  }));
  show('nobody', await knex('members').where({ name: 'Nobody Left' }).count());
  const serial = await Promise.all(Array.from({ length: 12 }, () => knex('members').where('id', 14).increment('points', 1)));
  show('at the same time', serial.length, await knex('members').where('id', 14).first('points'));
}

async function refused() {
  await attempt('null', () => knex('members').where('id', 1).update({ name: null }));
  await attempt('duplicate', () => knex('members').where('id', 1).update({ email: 'member2@example.com' }));
  await attempt('foreign key', () => knex('loans').insert({ member_id: 999999, book_id: 1 }));
  await attempt('check', () => knex('books').where('id', 1).update({ price: -1 }));
  await attempt('too long', () => knex('books').where('id', 1).update({ isbn: '12345678901234' }));
  await attempt('too large', () => knex('members').where('id', 1).update({ points: 3000000000 }));
  await attempt('unknown', () => knex('members').where('id', 1).update({ mail: 'x' }));
  await attempt('referenced', () => knex('members').where('id', 2).del());
}

// node-postgres without Knex: statements prepared by name once and used in every round.
async function prepared(n) {
  const run = async (name, text, values) => (await raw.query({ name, text, values })).rows;
  show('prepared insert', await run('new', 'INSERT INTO members (name, email, points) VALUES ($1, $2, $3) RETURNING *',
    [`Pre Pared${n}`, `prepared${n}@example.com`, n]));
  for (let i = 0; i < 7; i += 1) {
    await run('points', 'UPDATE members SET points = points + $1, name = $2 WHERE id = $3', [i, `Again Named${i}`, 15]);
    await run('fine', 'UPDATE loans SET fine = fine + $1 WHERE id = $2', ['0.05', 15]);
  }
  show('prepared update', await run('one', 'SELECT m.name, m.points, l.fine FROM members m, loans l WHERE m.id = $1 AND l.id = $1', [15]));
  show('prepared upsert', await run('upsert', 'INSERT INTO members AS m (name, email, points) VALUES ($1, $2, 1) ON CONFLICT (email) '
    + 'DO UPDATE SET name = excluded.name, points = m.points + 1 RETURNING id, name, points', [`Up Sert${n}`, 'member16@example.com']));
  show('prepared delete', await run('gone', 'DELETE FROM members WHERE email = $1 RETURNING name, points', [`prepared${n}@example.com`]));
}

async function reads() {
  show('join', await knex('loans').join('members', 'members.id', 'loans.member_id').join('books', 'books.id', 'loans.book_id')
    .where('loans.id', '<', 10).orderBy('loans.id').select('loans.id', 'members.name', 'books.title', 'loans.fine'));
  show('groups', await knex('members').groupBy('active').orderBy('active').select('active').count('*').sum('points').max('name'));
  show('look-ups', await knex('members').whereILike('name', '%lee%').orderBy('id').pluck('id'),
    await knex('books').whereBetween('price', [10, 20]).orderBy(['price', 'id']).select('title', 'price'));
  let sum = 0;
  for await (const row of knex('members').select('points').stream()) sum += row.points;
  show('stream', sum);
}

async function main() {
  await raw.connect();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const n = Number(line);
    for (const part of [rows, many, upserts, transactions, refused, prepared, reads]) {
      try {
        await part(n);
      } catch (error) {
        show(`${part.name} ended`, error.code, error.message);
      }
    }
    process.stdout.write('==\n');
  }
  await raw.end();
  await knex.destroy();
}

main();
