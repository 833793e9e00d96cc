import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../database/connect.js';
import { publishedChannel } from '../publish/publish.js';
import type { Catalog } from './catalog/catalog.js';
import type { Fronts } from './catalog/in-front.js';
import { readMarker } from './catalog/marker.js';
import { readCatalog } from './catalog/read.js';
import { Answers } from './http/answers.js';

export interface WatchOptions {
  readonly schemas: readonly string[];
  readonly fronts: Fronts;
  /** 0: no answers are kept. */
  readonly cacheBytes: number;
  /** The catalog was read anew. */
  readonly onRefresh: (catalog: Catalog) => void;
  /** The database does not say whether it still holds. Told once, until it does again. */
  readonly onFailure: (error: unknown) => void;
}

/** Also that of PostgREST, which migration tools tell. */
const channels = [publishedChannel, 'pgrst'];
/** For what nobody tells of, such as a right that is taken away, and for what is told while the connection that listens is lost. */
const lookEveryMs = 5000;
/** Longest time for which requests wait until the catalog has been read anew. */
const maxWaitMs = 1000;

/** What is exposed, and what was answered from it, kept right. */
export class CatalogWatch {
  private current: Catalog;
  private kept: Answers | undefined;
  private marker: string;
  /** Counts what was heard: what is read before the last of it does not count. */
  private heard = 0;
  private isFailing = false;
  private isClosed = false;
  /** Ends with the last reading, or when that takes too long. */
  private settling: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly sql: Sql,
    private readonly options: WatchOptions,
    read: { catalog: Catalog; marker: string },
  ) {
    this.current = read.catalog;
    this.marker = read.marker;
    this.kept = this.empty();
  }

  /**
   * @param sql of the one who builds, for two connections
   * @throws PostgresError
   */
  static async start(sql: Sql, options: WatchOptions): Promise<CatalogWatch> {
    let watch: CatalogWatch | undefined;
    // Told of a change, and whenever the connection that listens was lost and is there again.
    const refresh = () => watch?.refresh();
    // First it listens, then it reads: nothing falls in between but what the first look notices.
    for (const channel of channels) await sql.listen(channel, refresh, refresh);
    watch = new CatalogWatch(sql, options, await read(sql, options));
    watch.look();
    return watch;
  }

  get catalog(): Catalog {
    return this.current;
  }

  /** Answers that hold now; undefined while nobody knows whether they do. */
  get answers(): Answers | undefined {
    return this.kept;
  }

  /**
   * Waits while the catalog is read anew: else all clients at once would ask the database after each publish, everyone for himself.
   * @returns undefined where nobody can say, or not soon, whether answers hold
   */
  async settled(): Promise<Answers | undefined> {
    // A publish can be heard of twice.
    for (let times = 0; times < 3 && !this.kept && !this.isFailing; times++) await this.settling;
    return this.kept;
  }

  close(): void {
    this.isClosed = true;
  }

  private empty(): Answers {
    return new Answers(this.options.cacheBytes);
  }

  private refresh(): Promise<void> {
    const read = this.readAnew();
    this.settling = Promise.race([read, sleep(maxWaitMs, undefined, { ref: false })]);
    return read;
  }

  private async readAnew(): Promise<void> {
    const heard = ++this.heard;
    this.kept = undefined;
    try {
      const { catalog, marker } = await read(this.sql, this.options);
      if (heard !== this.heard) return;
      const isNew = marker !== this.marker;
      this.current = catalog;
      this.marker = marker;
      this.kept = this.empty();
      this.isFailing = false;
      if (isNew) this.options.onRefresh(catalog);
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.kept = undefined;
    if (!this.isFailing && !this.isClosed) this.options.onFailure(error);
    this.isFailing = true;
  }

  private async look(): Promise<void> {
    while (!this.isClosed) {
      await sleep(lookEveryMs, undefined, { ref: false });
      try {
        const marker = await readMarker(this.sql, stored(this.options));
        if (!this.isClosed && (marker !== this.marker || this.isFailing)) await this.refresh();
      } catch (error) {
        this.fail(error);
      }
    }
  }
}

/** The marker is read first: a change between the two is noticed at the next look. */
async function read(sql: Sql, exposed: Exposed): Promise<{ catalog: Catalog; marker: string }> {
  const marker = await readMarker(sql, stored(exposed));
  return { marker, catalog: await readCatalog(sql, exposed.schemas, exposed.fronts) };
}

type Exposed = Pick<WatchOptions, 'schemas' | 'fronts'>;

function stored({ schemas, fronts }: Exposed): readonly string[] {
  return [...schemas, ...fronts.values()];
}
