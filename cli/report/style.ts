export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** ANSI colours, or none at all. */
export function makeStyle(color: boolean): Style {
  const paint = (open: number, close: number) => (text: string) =>
    color && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}

export interface Capabilities {
  readonly color: boolean;
  /** Lines may be drawn over. */
  readonly interactive: boolean;
  readonly columns: number;
}

/** What a stream can show: https://no-color.org, and FORCE_COLOR as Node has it. */
export function capabilities(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Capabilities {
  const dumb = env.TERM === 'dumb';
  const interactive = stream.isTTY === true && !dumb && env.CI === undefined;
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
  const color =
    env.NO_COLOR !== undefined && env.NO_COLOR !== '' ? false : forced || (stream.isTTY === true && !dumb);
  return { color, interactive, columns: stream.columns ?? 100 };
}

/** How wide a table may be: as the terminal, or as its content where no terminal cuts it. */
export function tableWidth(stream: NodeJS.WriteStream, able: Capabilities): number {
  return stream.isTTY ? (stream.columns ?? able.columns) : 10_000;
}
