import { didYouMean } from '../../errors/index.js';
import type { VegaChart } from './chart.js';
import { checkDefinition } from './check-definition.js';
import { checkTransform } from './check-transform.js';
import type { Json, Judge, Path } from './judge.js';
import { channels, foreignKeys, layerKeys, marks } from './vega-words.js';

/** Checks a Vega-Lite chart. @throws MedallionError MDL1212 */
export function checkVega(judge: Judge, { spec }: VegaChart): void {
  if (spec.mark === undefined && spec.layer === undefined)
    judge.wrong(
      [],
      'A chart needs a mark and an encoding, or layers.',
      'For example mark: line; other kinds are kpi and table.',
    );
  refuseForeign(judge, spec, []);
  checkParams(judge, spec, []);
  checkView(judge, spec, []);
}

/** A chart shows its own model, on a page that loads nothing from elsewhere. */
function refuseForeign(judge: Judge, value: unknown, path: Path): void {
  if (typeof value === 'string') {
    if (
      /\burl\s*\(/i.test(value) &&
      !path.some((key) => ['title', 'text', 'description'].includes(String(key)))
    )
      judge.wrong(path, `"${value}" would load something.`, 'Charts load nothing but their rows.');
  } else if (Array.isArray(value))
    value.forEach((one, i) => {
      refuseForeign(judge, one, [...path, i]);
    });
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, key];
      if (foreignKeys.includes(key))
        judge.wrong(
          at,
          `"${key}" is nothing that charts can have: they show the rows of their model, in the look of the page.`,
          key === 'lookup' ? 'Join it in the model.' : 'Leave it out.',
        );
      refuseForeign(judge, inner, at);
    }
}

function checkView(judge: Judge, view: Json, path: Path): void {
  const { mark, encoding, layer, transform } = view;
  if (Array.isArray(transform))
    transform.forEach((one: Json, i) => {
      checkTransform(judge, one, [...path, 'transform', i]);
    });
  if (mark !== undefined) checkMark(judge, mark, [...path, 'mark']);
  if (encoding !== undefined) checkEncoding(judge, encoding, [...path, 'encoding']);
  if (layer === undefined) return;
  if (!Array.isArray(layer)) judge.wrong([...path, 'layer'], 'layer must be a list.');
  (layer as readonly Json[]).forEach((own, i) => {
    const at = [...path, 'layer', i];
    for (const key of Object.keys(own))
      if (!layerKeys.includes(key))
        judge.wrong([...at, key], `"${key}" is nothing that a layer can have.`, didYouMean(key, layerKeys));
    if (own.mark === undefined && own.layer === undefined) judge.wrong(at, 'A layer needs a mark.');
    checkParams(judge, own, at);
    checkView(judge, own, at);
  });
}

function checkMark(judge: Judge, mark: unknown, path: Path): void {
  const type = typeof mark === 'object' ? (mark as Json | null)?.type : mark;
  judge.word('mark that charts can have', type, marks, path);
}

function checkEncoding(judge: Judge, encoding: unknown, path: Path): void {
  if (typeof encoding !== 'object' || encoding === null || Array.isArray(encoding))
    judge.wrong(path, 'encoding must have channels such as x: { field: mes }.');
  for (const [channel, definition] of Object.entries(encoding as Json)) {
    const at = [...path, channel];
    if (!channels.includes(channel))
      judge.wrong(at, `"${channel}" is no channel that charts can have.`, didYouMean(channel, channels));
    checkDefinition(judge, definition, at);
  }
}

function checkParams(judge: Judge, { params }: Json, path: Path): void {
  if (!Array.isArray(params)) return;
  params.forEach((param: Json, i) => {
    const at = [...path, 'params', i];
    if (typeof param.name !== 'string') judge.wrong(at, 'A parameter needs a name.');
    const select = param.select as Json | string | undefined;
    const type = typeof select === 'object' ? select.type : select;
    if (type !== undefined) judge.word('selection', type, ['point', 'interval'], [...at, 'select']);
    const fields = typeof select === 'object' ? select.fields : undefined;
    for (const field of Array.isArray(fields) ? fields : [])
      judge.column(String(field), [...at, 'select', 'fields']);
  });
}
