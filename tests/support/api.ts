import { once } from 'node:events';
import { createInterface } from 'node:readline';
import * as assert from 'uvu/assert';
import type { TestProject } from './project.ts';

/** `mdl serve` of a project, under way. */
export interface Api {
  readonly url: string;
  readonly pid: number;
  /** Events that it has told so far. */
  readonly events: readonly { readonly event: string }[];
  /** A request as it stands in the documentation: `/films?select=title`. */
  get(
    path: string,
    init?: RequestInit,
  ): Promise<{ status: number; headers: Headers; text: string; json: any }>;
}

export const config = (serve: string) =>
  `export default { name: 'api', database: process.env.DATABASE_URL, layers: { api: {} }, serve: ${serve} };`;

/** Starts the API, works with it and stops it as Ctrl-C would. */
export async function withApi(
  project: TestProject,
  work: (api: Api) => Promise<void>,
  ...flags: readonly string[]
): Promise<void> {
  const child = project.spawn('serve', '--port', '0', '--json', ...flags);
  const events: { event: string; url?: string }[] = [];
  let trouble = '';
  child.stderr!.on('data', (chunk) => {
    trouble += chunk;
  });
  const lines = createInterface({ input: child.stdout! });
  const started = new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const event = JSON.parse(line);
      events.push(event);
      if (event.event === 'serve.started') resolve(event.url);
    });
    child.on('exit', () => reject(new Error(`mdl serve has ended: ${trouble}`)));
  });
  const url = await started;
  try {
    await work({
      url,
      pid: child.pid!,
      events,
      async get(path, init) {
        const response = await fetch(url + path, init);
        const text = await response.text();
        const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
        return {
          status: response.status,
          headers: response.headers,
          text,
          json: isJson ? JSON.parse(text) : undefined,
        };
      },
    });
  } finally {
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    const [code] = await exited;
    assert.is(code, 0, `mdl serve ended in order; ${trouble}`);
  }
}
