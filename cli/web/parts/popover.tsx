import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { placeMenu } from './place-menu.ts';

/** A button, and what it opens over the page: the browser itself closes that by Escape or a click elsewhere. Its content is made when it opens. */
export function Popover({
  button,
  buttonClass,
  buttonLabel,
  label,
  children,
}: {
  readonly button: ComponentChildren;
  readonly buttonClass?: string;
  /** Where what the button shows says too little. */
  readonly buttonLabel?: string;
  readonly label: string;
  readonly children: (close: () => void) => ComponentChildren;
}) {
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  useLayoutEffect(() => {
    if (!isOpen) return;
    placeMenu(panel.current!, opener.current!);
    panel.current!.querySelector<HTMLElement>('select, input, textarea, button')?.focus();
  }, [isOpen]);
  return (
    <>
      <button ref={opener} type="button" class={buttonClass} aria-label={buttonLabel} popovertarget={id}>
        {button}
      </button>
      <div
        ref={panel}
        id={id}
        class="popover"
        popover="auto"
        role="dialog"
        aria-label={label}
        onToggle={({ newState }) => setOpen(newState === 'open')}
      >
        {isOpen && children(() => panel.current?.hidePopover())}
      </div>
    </>
  );
}
