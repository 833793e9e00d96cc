import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';

type Dialog = ComponentType<{ readonly onClose: () => void }>;

/** The way to every model and column, from every page: a button, and the key `/`. */
export function Search() {
  const { search } = texts.value.catalog;
  const access = project.value?.access;
  const canLook = access !== undefined && (access.mayLook || access.hasAdmin);
  const [isOpen, setOpen] = useState(false);
  const [loaded, setLoaded] = useState<{ readonly Dialog: Dialog }>();
  const open = () => {
    setOpen(true);
    // Loaded when it is first wanted. Without a server there is nothing to be found either: the page says that it does not answer.
    import('./dialog.tsx').then(
      ({ SearchDialog }) => setLoaded({ Dialog: SearchDialog }),
      () => setOpen(false),
    );
  };
  useEffect(() => {
    if (!canLook) return;
    const hear = (event: KeyboardEvent) => {
      if (!isShortcut(event)) return;
      event.preventDefault();
      open();
    };
    document.addEventListener('keydown', hear);
    return () => document.removeEventListener('keydown', hear);
  }, [canLook]);
  // To whom the catalog is never shown, nothing is offered.
  if (!canLook) return null;
  return (
    <>
      <button type="button" class="search-button" aria-keyshortcuts="/" onClick={open}>
        <span>{search.button}</span>
        <kbd>/</kbd>
      </button>
      {isOpen && loaded && <loaded.Dialog onClose={() => setOpen(false)} />}
    </>
  );
}

/** `/` where nobody is writing, or Ctrl+K. */
function isShortcut(event: KeyboardEvent): boolean {
  const { key, ctrlKey, metaKey, altKey, defaultPrevented } = event;
  const target = event.target as HTMLElement | null;
  if (defaultPrevented || document.querySelector('dialog[open]')) return false;
  if (key.toLowerCase() === 'k' && (ctrlKey || metaKey) && !altKey) return true;
  return (
    key === '/' &&
    !ctrlKey &&
    !metaKey &&
    !altKey &&
    !target?.isContentEditable &&
    !/^(INPUT|TEXTAREA|SELECT)$/.test(target?.tagName ?? '')
  );
}
