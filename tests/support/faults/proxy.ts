// The way between mdl and its server, which can be cut.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface ServerProxy {
  readonly url: string;
  /** How many connections go through it. */
  readonly open: number;
  /**
   * Ends every connection at once, with a reset on both sides.
   * @param unheard the `client_port` of one whose end the server does not hear of
   */
  cut(unheard?: number): void;
  /** Both sides hear that the other has nothing more to say, as when a firewall forgets a connection politely. */
  halfClose(): void;
  /** Nothing gets through any more, in either direction, and nobody is told. @returns lets it through again */
  stall(): () => void;
  /** Nobody gets through who is not through already. @returns lets them in again */
  refuse(): () => void;
  close(): Promise<void>;
}

/** Stands in front of a server on the loopback address. */
export async function openProxy(serverPort: number): Promise<ServerProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let refusing = false;
  let unheardPort: number | undefined;
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => {});
    if (refusing) return void client.resetAndDestroy();
    const server = connect({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true });
    server.on('error', () => client.destroy());
    const pair = [client, server] as const;
    pairs.add(pair);
    client.pipe(server);
    server.pipe(client);
    client.on('close', () => {
      if (server.localPort !== unheardPort) server.destroy();
    });
    server.on('close', () => {
      pairs.delete(pair);
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const each = (act: (socket: Socket) => void) => {
    for (const pair of [...pairs]) pair.forEach(act);
  };
  return {
    url: `postgres://medallion@127.0.0.1:${port}/postgres`,
    get open() {
      return pairs.size;
    },
    cut(unheard) {
      unheardPort = unheard;
      for (const [client, server] of [...pairs]) {
        client.resetAndDestroy();
        if (server.localPort !== unheard) server.resetAndDestroy();
      }
    },
    halfClose: () => each((socket) => socket.end()),
    stall() {
      const stalled = [...pairs];
      for (const [client, server] of stalled) {
        client.unpipe(server).pause();
        server.unpipe(client).pause();
      }
      return () => {
        for (const [client, server] of stalled) {
          client.pipe(server);
          server.pipe(client);
        }
      };
    },
    refuse() {
      refusing = true;
      return () => {
        refusing = false;
      };
    },
    close() {
      each((socket) => socket.destroy());
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}
