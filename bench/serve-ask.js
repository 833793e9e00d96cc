// Asks an address as fast as it answers, and prints how fast that was. Behind `=gt.` or `?` at its end come numbers, each once.
import autocannon from 'autocannon';

const [url, seconds] = process.argv.slice(2);
const { origin, pathname, search } = new URL(url);
const isVaried = /[.?]$/.test(url);
let next = 0;
const result = await autocannon({
  url: origin,
  connections: 32,
  duration: Number(seconds),
  requests: [
    isVaried
      ? { setupRequest: (request) => ({ ...request, path: `${pathname}${search || '?'}${next++}` }) }
      : { path: pathname + search },
  ],
});
console.log(
  JSON.stringify({
    rate: result.requests.average,
    p99: result.latency.p99,
    bad: result.non2xx + result.errors + result.timeouts,
  }),
);
