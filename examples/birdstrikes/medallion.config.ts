import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { csv, defineConfig } from 'medallion';

// The files as they come in the npm package, untouched.
const data = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data');

export default defineConfig({
  name: 'birdstrikes',
  database: process.env.DATABASE_URL,
  sources: { vega: csv({ dir: data }) },
  bronze: {
    birdstrikes: { from: 'vega.birdstrikes', description: 'Wildlife strikes reported to the FAA' },
    airports: { from: 'vega.airports', key: 'iata', load: 'upsert' },
    zipcodes: { from: 'vega.zipcodes', key: 'zip_code', load: 'upsert' },
  },
  vars: {
    states: [
      { name: 'Arizona', code: 'AZ' },
      { name: 'California', code: 'CA' },
      { name: 'Colorado', code: 'CO' },
      { name: 'DC', code: 'DC' },
      { name: 'Florida', code: 'FL' },
      { name: 'Georgia', code: 'GA' },
      { name: 'Hawaii', code: 'HI' },
      { name: 'Illinois', code: 'IL' },
      { name: 'Indiana', code: 'IN' },
      { name: 'Kentucky', code: 'KY' },
      { name: 'Louisiana', code: 'LA' },
      { name: 'Maryland', code: 'MD' },
      { name: 'Massachusetts', code: 'MA' },
      { name: 'Michigan', code: 'MI' },
      { name: 'Minnesota', code: 'MN' },
      { name: 'Missouri', code: 'MO' },
      { name: 'Nebraska', code: 'NE' },
      { name: 'New Jersey', code: 'NJ' },
      { name: 'New York', code: 'NY' },
      { name: 'North Carolina', code: 'NC' },
      { name: 'Ohio', code: 'OH' },
      { name: 'Oklahoma', code: 'OK' },
      { name: 'Oregon', code: 'OR' },
      { name: 'Pennsylvania', code: 'PA' },
      { name: 'South Carolina', code: 'SC' },
      { name: 'Tennessee', code: 'TN' },
      { name: 'Texas', code: 'TX' },
      { name: 'Utah', code: 'UT' },
      { name: 'Washington', code: 'WA' },
    ],
  },
});
