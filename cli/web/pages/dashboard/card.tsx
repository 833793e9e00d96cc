import { useEffect, useRef, useState } from 'preact/hooks';
import { inLanguage } from '../../app/language.ts';
import type { Placed } from './boards.ts';
import { ChartBody } from './chart-body.tsx';
import type { Conditions } from './filters.ts';
import { Kpi } from './kpi.tsx';

export interface CardProps {
  readonly placed: Placed;
  readonly conditions: Conditions;
  /** Those of the period before; null: there is none. */
  readonly before: Conditions | null;
  /** Columns whose values the page can be limited to. */
  readonly choosable: ReadonlySet<string>;
  /** What has to be said of filters that do not concern this chart's relation. */
  readonly notes: readonly string[];
}

/** A chart in its frame, with what can be done with it. */
export function Card({ placed, conditions, before, choosable, notes }: CardProps) {
  const { chart, relation, id } = placed;
  const title = inLanguage(chart.title);
  const frame = useRef<HTMLElement>(null);
  const isSeen = useSeen(frame);
  const heading = `chart-${id}`;
  return (
    <section ref={frame} class={`card panel span-${chart.width} ${chart.kind}`} aria-labelledby={heading}>
      {chart.kind === 'kpi' ? (
        <Kpi {...{ chart, relation, conditions, before, heading, title }} isSeen={isSeen} />
      ) : (
        <ChartBody {...{ chart, relation, conditions, choosable, heading, title, isSeen }} />
      )}
      {notes.map((note) => (
        <p key={note} class="dim chart-note">
          {note}
        </p>
      ))}
    </section>
  );
}

/** Whether an element has been near what is seen: what is far below asks for nothing yet. */
function useSeen(element: { readonly current: HTMLElement | null }): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (isSeen) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true);
      },
      { rootMargin: '400px' },
    );
    observer.observe(element.current!);
    // On paper everything is seen.
    const print = () => setSeen(true);
    window.addEventListener('beforeprint', print);
    return () => {
      observer.disconnect();
      window.removeEventListener('beforeprint', print);
    };
  }, [element, isSeen]);
  return isSeen;
}
