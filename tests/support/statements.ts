import { connect, createServer } from 'node:net';

/** Stands between a command and its database and writes down what it asks, in the order in which it arrives. */
export interface StatementRecorder {
  /** The same database, through the recorder. */
  readonly url: string;
  /** The statements since the last call. */
  take(): readonly string[];
  close(): Promise<void>;
}

/** @param url of a server on a unix socket, as tests have it */
export async function recordStatements(url: string): Promise<StatementRecorder> {
  const [, user, hosts, database] = /^postgres(?:ql)?:\/\/([^@]+)@([^/]+)\/(\w+)/.exec(url)!;
  const folder = decodeURIComponent(hosts!.split(',')[0]!);
  let statements: string[] = [];
  const server = createServer((client) => {
    const upstream = connect(`${folder}/.s.PGSQL.5432`);
    client.on(
      'data',
      readMessages((statement) => statements.push(statement)),
    );
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `postgres://${user}@127.0.0.1:${port}/${database}`,
    take() {
      const taken = statements;
      statements = [];
      return taken;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Takes apart what a client sends: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function readMessages(tell: (statement: string) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  let hasBegun = false;
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      // The first message has no type.
      const header = hasBegun ? 5 : 4;
      if (rest.length < header) return;
      const end = rest.readInt32BE(header - 4) + header - 4;
      if (rest.length < end) return;
      const type = hasBegun ? String.fromCharCode(rest[0]!) : '';
      const body = rest.subarray(header, end).toString();
      if (type === 'Q') tell(body.slice(0, -1));
      if (type === 'P') tell(body.split('\0')[1]!);
      hasBegun = true;
      rest = rest.subarray(end);
    }
  };
}
