import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { texts } from '../../app/language.ts';
import { placeMenu } from '../../parts/place-menu.ts';

/** What can be done with a chart: a list that the browser itself opens over the page, and closes. */
export function CardMenu({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const element = menu.current!;
    const close = () => element.hidePopover();
    element.addEventListener('click', close);
    return () => element.removeEventListener('click', close);
  }, []);
  const place = () => {
    if (menu.current!.matches(':popover-open')) placeMenu(menu.current!, button.current!, 'right');
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class="plain"
        popovertarget={id}
        aria-label={`${texts.value.dashboard.more}: ${title}`}
      >
        ⋯
      </button>
      <div ref={menu} id={id} class="menu" popover="auto" onToggle={place}>
        {children}
      </div>
    </>
  );
}
