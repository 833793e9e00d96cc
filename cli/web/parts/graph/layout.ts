import { useEffect, useState } from 'preact/hooks';

export interface Box {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** From and to, by name. */
export type Edge = readonly [from: string, to: string];
export type Point = readonly [x: number, y: number];

export interface LayoutQuestion {
  readonly id: number;
  readonly boxes: readonly Box[];
  readonly edges: readonly Edge[];
}

export interface LayoutAnswer {
  readonly id: number;
  /** Left upper corners, in the order of the boxes. */
  readonly places: readonly Point[];
  /** Where each edge goes between its boxes, in the order of the edges. */
  readonly bends: readonly (readonly Point[])[];
}

export interface Placed extends Box {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly placed: ReadonlyMap<string, Placed>;
  readonly edges: readonly { readonly edge: Edge; readonly bends: readonly Point[] }[];
  readonly width: number;
  readonly height: number;
}

let worker: Worker | undefined;
let asked = 0;
const waiting = new Map<
  number,
  { readonly resolve: (answer: LayoutAnswer) => void; readonly reject: (error: Error) => void }
>();

function ask(boxes: readonly Box[], edges: readonly Edge[]): Promise<LayoutAnswer> {
  if (!worker) {
    worker = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) => {
      waiting.get(data.id)?.resolve(data);
      waiting.delete(data.id);
    });
    worker.addEventListener('error', ({ message }) => {
      // Another one is tried by the next who asks.
      worker = undefined;
      for (const { reject } of waiting.values()) reject(new Error(message));
      waiting.clear();
    });
  }
  const id = ++asked;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker!.postMessage({ id, boxes, edges } satisfies LayoutQuestion);
  });
}

async function layOut(boxes: readonly Box[], edges: readonly Edge[]): Promise<Layout> {
  const { places, bends } = await ask(boxes, edges);
  const placed = boxes.map((box, i) => ({ ...box, x: places[i]![0], y: places[i]![1] }));
  return {
    placed: new Map(placed.map((box) => [box.name, box])),
    edges: edges.map((edge, i) => ({ edge, bends: bends[i]! })),
    width: Math.max(0, ...placed.map(({ x, width }) => x + width)),
    height: Math.max(0, ...placed.map(({ y, height }) => y + height)),
  };
}

/** Where everything goes; what was before stays until that is known. */
export function useLayout(
  boxes: readonly Box[],
  edges: readonly Edge[],
): { readonly layout: Layout | undefined; readonly error: unknown } {
  const [found, setFound] = useState<{ layout: Layout | undefined; error: unknown }>({
    layout: undefined,
    error: undefined,
  });
  useEffect(() => {
    let isCurrent = true;
    layOut(boxes, edges).then(
      (layout) => isCurrent && setFound({ layout, error: undefined }),
      (error) => isCurrent && setFound({ layout: undefined, error }),
    );
    return () => {
      isCurrent = false;
    };
    // Texts, since both are made anew whenever a state changes, which moves nothing.
  }, [JSON.stringify(boxes), JSON.stringify(edges)]);
  return found;
}
