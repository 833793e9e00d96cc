import { expressionFunction, loader, parse, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile, type TopLevelSpec } from 'vega-lite';
import { formatShort } from '../../app/number-format.ts';
import { facetSize } from './facets.ts';
import { pause } from './in-turn.ts';
import { localeOf } from './locale.ts';
import { type Fields, prepare } from './prepare.ts';
import { themeOf } from './theme.ts';
import { showTooltip } from './tooltip.ts';
import { fitsSideBySide } from './values.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Drawing extends Fields {
  readonly currency: string | null;
  readonly width: number;
  readonly height: number;
  /** A mark was clicked that stands for these values. Null: nothing can be chosen. */
  readonly onChoose: ((datum: Json) => void) | null;
}

export interface Drawn {
  /** Undefined where another width needs another drawing. */
  readonly resize: ((width: number) => void) | undefined;
  /** The drawing as a picture's address, on the page's ground. */
  picture(type: 'png' | 'svg'): Promise<string>;
  remove(): void;
}

/** More marks than this are painted; fewer are elements, which stay sharp. */
const svgRows = 1500;

expressionFunction('shortNumber', formatShort);

/** Nothing is loaded for a chart, whatever it says: its rows are there. */
const closed = Object.assign(loader(), {
  load: () => Promise.reject(new Error('A chart loads nothing.')),
  sanitize: () => Promise.reject(new Error('A chart leads nowhere.')),
});

/** Draws a Vega-Lite chart of these rows. @throws Error what Vega says of the spec or the rows */
export async function draw(
  container: HTMLElement,
  spec: Json,
  rows: readonly Json[],
  drawing: Drawing,
): Promise<Drawn> {
  const { width, height, kinds, onChoose } = drawing;
  const facets = facetSize(spec, rows, width, height);
  const theme = themeOf(container, width, fitsSideBySide(spec, rows, facets?.width ?? width - 60));
  const whole = {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    ...prepare(spec, drawing),
    ...(facets ?? { width, height, autosize: { type: 'fit', contains: 'padding' } }),
    data: { values: rows.map((row) => withTimes(row, kinds)) },
    config: { ...theme, mark: { ...(theme.mark as Json), ...(onChoose && { cursor: 'pointer' }) } },
  } as unknown as TopLevelSpec;
  const quiet = logger();
  const { spec: compiled } = compile(whole, { logger: quiet as never });
  await pause();
  const runtime = parse(compiled, {}, { ast: true } as never);
  await pause();
  const view = new View(runtime, {
    renderer: rows.length > svgRows ? 'canvas' : 'svg',
    container,
    hover: true,
    expr: expressionInterpreter as never,
    locale: localeOf(drawing.language, drawing.currency),
    tooltip: showTooltip as never,
    loader: closed,
    logger: quiet as never,
  } as never);
  if (onChoose)
    view.addEventListener('click', (_event, item) => {
      const datum = (item as { datum?: Json } | null | undefined)?.datum;
      if (datum) onChoose(datum);
    });
  await view.runAsync();
  return {
    resize: facets
      ? undefined
      : (next) => {
          void view.width(next).resize().runAsync();
        },
    async picture(type) {
      view.background(getComputedStyle(container).getPropertyValue('--raised').trim());
      try {
        return await view.toImageURL(type, type === 'png' ? 2 : 1);
      } finally {
        view.background('transparent');
      }
    },
    remove() {
      showTooltip(undefined, new MouseEvent('mouseout'), undefined, null);
      view.finalize();
    },
  };
}

/** Days as days of this browser's zone: Vega would take `2025-01-01` for midnight in Greenwich. */
function withTimes(row: Json, kinds: Drawing['kinds']): Json {
  const made: Record<string, unknown> = { ...row };
  for (const [name, value] of Object.entries(row))
    if (kinds[name] === 'time' && typeof value === 'string')
      made[name] = new Date(value.length === 10 ? `${value}T00:00:00` : value).getTime();
  return made;
}

/** Warnings are for who writes the chart, and were told at the build. */
function logger() {
  const own = {
    level: () => own,
    error(...messages: unknown[]) {
      console.error(...messages);
      return own;
    },
    warn: () => own,
    info: () => own,
    debug: () => own,
  };
  return own;
}
