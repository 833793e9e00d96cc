import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** By name in lower case; decoded. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
}

/** A mail server that keeps what it is given: as much of SMTP (RFC 5321) as a client speaks to send a message, and AUTH PLAIN. */
export interface MailServer {
  readonly port: number;
  readonly mails: Mail[];
  /** What clients logged in with: `user:password`. */
  readonly logins: string[];
  close(): Promise<void>;
}

/** @param recipientAnswer what RCPT TO of this number (from 1) is answered; default: `250 ok` */
export async function startMailServer(
  recipientAnswer: (count: number) => string = () => '250 ok',
): Promise<MailServer> {
  const mails: Mail[] = [];
  const logins: string[] = [];
  const sockets = new Set<Socket>();
  let recipients = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    const say = (line: string) => socket.write(`${line}\r\n`);
    let from = '';
    let to: string[] = [];
    let data: string[] | undefined;
    let pending = '';
    const line = (text: string) => {
      if (data) {
        if (text !== '.') return void data.push(text.replace(/^\./, ''));
        mails.push({ from, to, ...parseMail(data) });
        data = undefined;
        return say('250 kept');
      }
      const [, verb, rest] = /^(\w+) ?(.*)$/.exec(text)!;
      switch (verb!.toUpperCase()) {
        case 'EHLO':
          return say('250-sink\r\n250 AUTH PLAIN');
        case 'AUTH': {
          const [, user, password] = Buffer.from(rest!.split(' ')[1]!, 'base64').toString().split('\0');
          logins.push(`${user}:${password}`);
          return say(password === 'wrong-password' ? '535 no such password: wrong-password' : '235 welcome');
        }
        case 'MAIL':
          from = /<(.*)>/.exec(rest!)![1]!;
          to = [];
          return say('250 ok');
        case 'RCPT':
          to.push(/<(.*)>/.exec(rest!)![1]!);
          return say(recipientAnswer(++recipients));
        case 'DATA':
          data = [];
          return say('354 go on');
        case 'QUIT':
          say('221 bye');
          return socket.end();
        default:
          return say('250 ok');
      }
    };
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (let end = pending.indexOf('\r\n'); end >= 0; end = pending.indexOf('\r\n')) {
        const text = pending.slice(0, end);
        pending = pending.slice(end + 2);
        line(text);
      }
    });
    say('220 sink');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    logins,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parseMail(lines: readonly string[]): Pick<Mail, 'headers' | 'text' | 'html'> {
  const { headers, body } = parsePart(lines.join('\n'));
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type']!)![1]!;
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => parsePart(part.replace(/^\n/, '')));
  const ofType = (type: string) => {
    const part = parts.find((candidate) => candidate.headers['content-type']!.startsWith(type))!;
    return decodeBody(part.body, part.headers['content-transfer-encoding']);
  };
  return { headers, text: ofType('text/plain'), html: ofType('text/html') };
}

function parsePart(text: string): { headers: Record<string, string>; body: string } {
  const end = text.indexOf('\n\n');
  const unfolded = text.slice(0, end).replace(/\n[ \t]+/g, ' ');
  const headers = unfolded.split('\n').map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), decodeHeader(line.slice(colon + 1).trim())];
  });
  return { headers: Object.fromEntries(headers), body: text.slice(end + 2) };
}

/** RFC 2047: `=?UTF-8?Q?caf=C3=A9?=`. */
function decodeHeader(text: string): string {
  return text
    .replace(/\?= =\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, way: string, encoded: string) =>
      way.toLowerCase() === 'b'
        ? Buffer.from(encoded, 'base64').toString()
        : decodeQuoted(encoded.replaceAll('_', ' ')),
    );
}

function decodeBody(body: string, encoding: string | undefined): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  return encoding === 'quoted-printable' ? decodeQuoted(body.replaceAll('=\n', '')) : body;
}

function decodeQuoted(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}
