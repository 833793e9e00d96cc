// What one would write by hand: Fastify, postgres.js and a statement; and Fastify with bytes that are there already.
import Fastify from 'fastify';
import postgres from 'postgres';

const [database, given] = process.argv.slice(2);
const { statement, body } = JSON.parse(given);
const host = decodeURIComponent(/@([^,/]*)/.exec(database)?.[1] ?? '');
const sql = postgres(database, { max: 10, ...(host.startsWith('/') && { host }) });
const app = Fastify({ routerOptions: { querystringParser: () => ({}) } });
const json = 'application/json; charset=utf-8';

app.get('/query', async (request, reply) => {
  const { url } = request.raw;
  const parameters = statement.parameters.with(statement.place, url.slice(url.indexOf('?') + 1));
  const rows = await sql.unsafe(statement.text, parameters, { prepare: true });
  return reply.type(json).send(`[${rows[0].row}]`);
});
const bytes = Buffer.from(body);
app.get('/bytes', async (_request, reply) => reply.type(json).send(bytes));

console.log(JSON.stringify({ url: await app.listen({ port: 0, host: '127.0.0.1' }) }));
process.on('SIGTERM', async () => {
  app.server.closeAllConnections();
  await app.close();
  await sql.end();
});
