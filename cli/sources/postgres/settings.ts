import { describeUrl } from '../../database/connect.js';
import { type PostgresOptions, wrong } from './options.js';

/** The options with their defaults, checked. */
export interface Settings {
  readonly url: string;
  readonly schema: string;
  readonly tables: PostgresOptions['tables'];
  readonly rowSecurity: boolean;
  /** `host/database`: for messages. */
  readonly shownAs: string;
}

/**
 * The settings; only now, so that commands that read no source need no connection string.
 * @throws MedallionError MDL1003 when url is missing or is none
 */
export function settingsOf({
  url,
  schema = 'public',
  tables,
  rowSecurity = false,
}: PostgresOptions): Settings {
  if (!url)
    throw wrong(
      'url is empty: is the environment variable set?',
      'Give it by the environment: postgres({ url: process.env.SHOP_URL }).',
    );
  if (!/^postgres(ql)?:\/\//.test(url))
    throw wrong('url must be a connection string such as postgres://reader@host/database.');
  return { url, schema, tables, rowSecurity, shownAs: describeUrl(url) };
}
