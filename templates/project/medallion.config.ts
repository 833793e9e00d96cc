import { csv, defineConfig } from 'medallion';

export default defineConfig({
  name: '__NAME__',
  // Without DATABASE_URL: an embedded Postgres in .medallion/.
  database: process.env.DATABASE_URL,
  sources: { shop: csv({ dir: 'seeds' }) },
  bronze: {
    customers: { from: 'shop.customers', key: 'id', load: 'upsert' },
    orders: { from: 'shop.orders', key: 'order_id', load: 'upsert' },
  },
  // Who may read: npx mdl serve asks as anon.
  grants: { gold: { select: ['anon'] } },
});
