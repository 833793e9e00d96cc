import { csv, defineConfig } from 'medallion';

export default defineConfig({
  name: 'loja',
  // Without DATABASE_URL: an embedded Postgres in .medallion/.
  database: process.env.DATABASE_URL,
  sources: { loja: csv({ dir: 'seeds' }) },
  bronze: {
    // Customers repeat with newer contact data: all of them reach bronze, and silver.clientes chooses.
    clientes: {
      from: 'loja.clientes',
      description: 'Customers as the shop exports them, repeated ones included',
    },
    produtos: { from: 'loja.produtos', description: 'Products as the shop exports them' },
    // An order that is exported again has a newer status: the last record of an id counts.
    pedidos: {
      from: 'loja.pedidos',
      key: 'id_pedido',
      load: 'upsert',
      description: 'Orders as the shop exports them, one row for each id',
    },
  },
  layers: { silver: { materialized: 'table' }, gold: { materialized: 'table' } },
  grants: { gold: { select: ['anon', 'authenticated'] } },
  vars: { recencia_ativa: 90 },
});
