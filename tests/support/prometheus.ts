import * as assert from 'uvu/assert';

/** One family of metrics, as it was scraped. */
export interface Family {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const unescapes: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

/**
 * Reads Prometheus's text format as strictly as it is written down, and by its naming conventions: what Prometheus would refuse or misread fails.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseMetrics(text: string): ReadonlyMap<string, Family> {
  assert.ok(text.endsWith('\n'), 'the last line ends');
  const families = new Map<string, { help: string; type: string; samples: Family['samples'][number][] }>();
  const seen = new Set<string>();
  let current: string | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name, rest] = comment as unknown as [string, string, string, string];
      if (kind === 'HELP') {
        assert.not(families.has(name), `${name} comes twice`);
        families.set(name, { help: rest, type: '', samples: [] });
        current = name;
      } else {
        assert.is(name, current, 'TYPE follows HELP');
        assert.ok(['counter', 'gauge', 'histogram', 'summary'].includes(rest), line);
        families.get(name)!.type = rest;
      }
      continue;
    }
    const [, name, labelText = '', number] =
      sampleLine.exec(line) ?? assert.unreachable(`no sample: ${line}`) ?? [];
    const family = families.get(current!)!;
    const suffix = name!.slice(current!.length);
    const suffixes =
      family.type === 'histogram'
        ? ['_bucket', '_sum', '_count']
        : family.type === 'summary'
          ? ['', '_sum', '_count']
          : [''];
    assert.ok(name!.startsWith(current!) && suffixes.includes(suffix), `${name} stands under ${current}`);
    const labels: Record<string, string> = {};
    const rest = labelText.replace(
      /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/g,
      (_, label: string, value: string) => {
        assert.not(Object.hasOwn(labels, label), `${label} twice in ${line}`);
        labels[label] = value.replace(/\\[\\"n]/g, (escaped) => unescapes[escaped]!);
        return '';
      },
    );
    assert.is(rest, '', `labels of ${line}`);
    assert.match(number!, /^(-?\d+(\.\d+)?(e[+-]?\d+)?|[+-]Inf|NaN)$/i);
    const key = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
    assert.not(seen.has(key), `${line} comes twice`);
    seen.add(key);
    family.samples.push({ name: name!, labels, value: Number(number!.replace('Inf', 'Infinity')) });
  }
  // prom-client's own are not all named so.
  for (const [name, family] of families) if (name.startsWith('mdl_')) requireConventions(name, family);
  return families;
}

/** @see https://prometheus.io/docs/practices/naming/ */
function requireConventions(name: string, { type, samples }: Family): void {
  assert.is(type === 'counter', name.endsWith('_total'), `${name} is a ${type}`);
  for (const { value } of samples) if (type !== 'gauge') assert.ok(value >= 0, name);
  if (type !== 'histogram') return;
  const buckets = new Map<string, { le: number; value: number }[]>();
  const others = ({ le, ...labels }: Record<string, string>) => JSON.stringify(Object.entries(labels).sort());
  for (const sample of samples)
    if (sample.name.endsWith('_bucket')) {
      const key = others(sample.labels);
      buckets.set(key, [
        ...(buckets.get(key) ?? []),
        { le: Number(sample.labels.le!.replace('Inf', 'Infinity')), value: sample.value },
      ]);
    }
  for (const [key, found] of buckets) {
    for (const [i, { le, value }] of found.entries())
      if (i > 0) assert.ok(le > found[i - 1]!.le && value >= found[i - 1]!.value, `${name} ${key} rises`);
    assert.is(found.at(-1)!.le, Number.POSITIVE_INFINITY);
    const count = samples.find((sample) => sample.name === `${name}_count` && others(sample.labels) === key);
    assert.is(count?.value, found.at(-1)!.value, `${name} ${key}`);
  }
}
