import { useRef, useState } from 'preact/hooks';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { apiKey } from '../../app/http.ts';
import { texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';
import { type CodeOptions, curlCode, fetchCode, supabaseCode } from './code.ts';
import { viewAddress } from './request.ts';
import type { View } from './view.ts';

const forms = {
  curl: curlCode,
  'supabase-js': supabaseCode,
  fetch: fetchCode,
} as const;

/** What the page asks the API, to be taken along into a program. */
export function CodeBar({ view, relation }: { readonly view: View; readonly relation: ProjectRelation }) {
  const { app, explore } = texts.value;
  const [copied, setCopied] = useState<{
    readonly name: string;
    readonly text: string;
    readonly isCopied: boolean;
  }>();
  const shown = useRef<HTMLPreElement>(null);
  const address = viewAddress(view, relation);
  const options: CodeOptions = {
    origin: window.location.origin,
    defaultSchema: project.value?.defaultSchema ?? 'public',
    hasKey: apiKey.value !== null,
  };
  const copy = async (name: string, text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied({ name, text, isCopied: true });
    } catch {
      // Without https a browser has no clipboard for pages, and some never: then it is selected.
      setCopied({ name, text, isCopied: false });
      requestAnimationFrame(() => shown.current && window.getSelection()?.selectAllChildren(shown.current));
    }
  };
  return (
    <section class="code-bar" aria-label={explore.code}>
      {/* A region that scrolls has to be reached by the keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <code tabIndex={0}>GET {readable(address)}</code>
      <div class="copies">
        <span>{explore.code}</span>
        <button type="button" onClick={() => copy(explore.address, options.origin + address)}>
          {explore.address}
        </button>
        {Object.entries(forms).map(([name, write]) => (
          <button key={name} type="button" onClick={() => copy(name, write(view, relation, options))}>
            {name}
          </button>
        ))}
        <span role="status" class="dim">
          {copied && (copied.isCopied ? explore.copied(copied.name) : explore.copyYourself)}
        </span>
      </div>
      {copied && (
        <div class="copied">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
          <section tabIndex={0} aria-label={copied.name}>
            <pre ref={shown}>{copied.text}</pre>
          </section>
          <button
            type="button"
            class="plain"
            aria-label={explore.hide}
            title={app.close}
            onClick={() => setCopied(undefined)}
          >
            ✕
          </button>
        </div>
      )}
    </section>
  );
}

/** An address for people; what is copied is not made readable. */
function readable(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}
