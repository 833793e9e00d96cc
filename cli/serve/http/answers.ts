import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';

/** A whole answer, as it is kept. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** How many are in it. */
  readonly rows: number;
  /** Text until it is asked for again. */
  body: string | Buffer;
}

export type Encoding = 'br' | 'gzip';

interface Kept extends Answer {
  readonly encoded: Map<Encoding, Buffer | Promise<void>>;
}

/** Answers smaller than this, in bytes, are not worth packing. */
const minPacked = 1024;
/** What an entry takes beside its body and key, in bytes, roughly. */
const overhead = 600;

/** Answers that were asked for once, by name, of which is known that they were. */
const maxSeen = 10_000;

const pack = {
  br: (body: Buffer) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (body: Buffer) => promisify(gzip)(body),
};

/** Answers that hold until the next publish: bounded by bytes, those that are asked for least recently go first. Dropped whole, never changed. */
export class Answers {
  /** Longer answers are not kept. */
  readonly maxBytes: number;
  private readonly kept: LRUCache<string, Kept> | undefined;
  private readonly seen = new Set<string>();
  private readonly underWay = new Map<string, Promise<Answer>>();

  /** @param maxBytes 0: nothing is kept */
  constructor(maxBytes: number) {
    this.maxBytes = Math.ceil(maxBytes / 8);
    if (maxBytes === 0) return;
    this.kept = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: this.maxBytes,
      sizeCalculation: ({ body, encoded }, key) =>
        overhead +
        2 * key.length +
        (typeof body === 'string' ? Buffer.byteLength(body) : body.length) +
        [...encoded.values()].reduce((sum, one) => sum + (Buffer.isBuffer(one) ? one.length : 0), 0),
    });
  }

  get(key: string): Answer | undefined {
    const found = this.kept?.get(key);
    if (typeof found?.body === 'string') found.body = Buffer.from(found.body);
    return found;
  }

  /**
   * Keeps an answer that is asked for again: most of those that differ each time never are, and would push the others out.
   * @param etag its name, by which it is recognised
   */
  keep(key: string, etag: string, answer: Answer): void {
    if (!this.seen.delete(etag)) {
      if (this.seen.size >= maxSeen) this.seen.clear();
      this.seen.add(etag);
      return;
    }
    this.kept?.set(key, { ...answer, encoded: new Map() });
  }

  /** The answer that `make` gives: to everyone who asks for it until it is there. */
  share(key: string, make: () => Promise<Answer>): Promise<Answer> {
    const found = this.underWay.get(key);
    if (found) return found;
    const made = make().finally(() => this.underWay.delete(key));
    this.underWay.set(key, made);
    return made;
  }

  /** The packed body of an answer that is kept; undefined where there is none, or none yet: it is packed while others go out as they are. */
  packed(key: string, encoding: Encoding): Buffer | undefined {
    const { kept } = this;
    const entry = kept?.peek(key);
    if (!entry || typeof entry.body === 'string' || entry.body.length < minPacked) return undefined;
    const found = entry.encoded.get(encoding);
    if (Buffer.isBuffer(found)) return found;
    if (!found)
      entry.encoded.set(
        encoding,
        pack[encoding](entry.body).then((packed) => {
          entry.encoded.set(encoding, packed);
          // Set anew, it is measured anew.
          if (kept?.peek(key) === entry) kept.set(key, entry);
        }),
      );
    return undefined;
  }
}
