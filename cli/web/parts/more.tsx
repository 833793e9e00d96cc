import { useEffect, useRef } from 'preact/hooks';
import { texts } from '../app/language.ts';

/** At the end of a long list: has more of it drawn when that is about to be seen. */
export function More({ onSeen }: { readonly onSeen: () => void }) {
  const element = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) onSeen();
      },
      { rootMargin: '1200px' },
    );
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return (
    <p ref={element} class="loading">
      {texts.value.app.loading}
    </p>
  );
}
