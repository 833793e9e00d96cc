import { useEffect, useRef, useState } from 'preact/hooks';
import type { VegaChart } from '../../../project/charts/chart.ts';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { inLanguage, language, texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';
import { isDark } from '../../app/theme.ts';
import type { Drawn } from '../../parts/vega/draw.ts';
import { inTurn } from '../../parts/vega/in-turn.ts';
import type { Dataset } from './datasets.ts';
import { categoryOf } from './fields.ts';
import { nullValue, toggleValue } from './filters.ts';
import type { TitleOf } from './titles.ts';

/** Asked for as soon as this page's code is there: it takes longer than the first rows. */
const vega = import('../../parts/vega/draw.ts');
vega.catch(() => {});

/** A Vega-Lite chart of rows that are there. */
export function VegaView({
  chart,
  spec,
  relation,
  dataset,
  titleOf,
  drawn,
}: {
  readonly chart: VegaChart;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly relation: ProjectRelation;
  readonly dataset: Dataset;
  readonly titleOf: TitleOf;
  /** What is drawn now, for who saves it as a picture. */
  readonly drawn: { current: Drawn | undefined };
}) {
  const { dashboard } = texts.value;
  const container = useRef<HTMLDivElement>(null);
  const [trouble, setTrouble] = useState<unknown>();
  const [redraws, setRedraws] = useState(0);
  const [lang, dark] = [language.value, isDark.value];
  useEffect(() => {
    const element = container.current!;
    let isCurrent = true;
    const width = () => Math.floor(element.parentElement!.clientWidth);
    const category = categoryOf(chart, relation);
    const choose = (datum: Readonly<Record<string, unknown>>) => {
      if (!category || !(category.name in datum)) return;
      const value = datum[category.name];
      toggleValue(category.name, value === null ? nullValue : String(value));
    };
    let drawnFor = 0;
    const make = async () => {
      const { draw } = await vega;
      await inTurn(async () => {
        if (!isCurrent) return;
        drawnFor = width();
        const made = await draw(element, spec, dataset.rows, {
          language: lang,
          currency: project.value?.currency ?? null,
          width: drawnFor,
          height: chart.height,
          kinds: Object.fromEntries(relation.columns.map(({ name, kind }) => [name, kind])),
          titleOf,
          onChoose: category ? choose : null,
        });
        if (!isCurrent) return made.remove();
        drawn.current?.remove();
        drawn.current = made;
        setTrouble(undefined);
      });
    };
    make().catch((error) => {
      if (isCurrent) setTrouble(error);
    });
    const observer = new ResizeObserver(() => {
      const next = width();
      if (next === drawnFor || next === 0 || drawnFor === 0) return;
      drawnFor = next;
      if (!drawn.current) return;
      if (drawn.current.resize) drawn.current.resize(next);
      else setRedraws((count) => count + 1);
    });
    observer.observe(element.parentElement!);
    return () => {
      isCurrent = false;
      observer.disconnect();
    };
  }, [chart, spec, dataset, titleOf, lang, dark, redraws]);
  useEffect(
    () => () => {
      drawn.current?.remove();
      drawn.current = undefined;
    },
    [drawn],
  );
  const description = chart.description ? `${inLanguage(chart.description)}. ` : '';
  return (
    <>
      {trouble !== undefined && (
        <p class="notice error" role="alert">
          {dashboard.notDrawn} {trouble instanceof Error ? trouble.message : String(trouble)}
        </p>
      )}
      <div
        role="img"
        aria-label={`${inLanguage(chart.title)}. ${description}${dashboard.drawnRows(dataset.rows.length)}`}
      >
        <div ref={container} class="vega" aria-hidden="true" />
      </div>
    </>
  );
}
