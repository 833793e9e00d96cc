import '../../styles/code.css';
import { useMemo, useState } from 'preact/hooks';
import { texts } from '../../app/language.ts';
import { tokensOf } from './highlight.ts';

/** More than this is shown without colours. */
const longest = 200_000;

/** SQL to read, and to copy. */
export function Code({ sql, label }: { readonly sql: string; readonly label: string }) {
  const tokens = useMemo(
    () => (sql.length > longest ? [{ kind: 'plain', text: sql } as const] : tokensOf(sql)),
    [sql],
  );
  return (
    <div class="code">
      <CopyButton text={sql} />
      {/* A region that scrolls has to be reached by the keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section class="scroll" tabIndex={0} aria-label={label}>
        <pre>
          <code>
            {tokens.map(({ kind, text }, i) =>
              kind === 'plain' ? (
                text
              ) : (
                // Tokens have no name of their own, and never move.
                <span key={i} class={`sql-${kind}`}>
                  {text}
                </span>
              ),
            )}
          </code>
        </pre>
      </section>
    </div>
  );
}

function CopyButton({ text }: { readonly text: string }) {
  const { app } = texts.value;
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <button type="button" class="copy" onClick={copy}>
      <span aria-live="polite">{isCopied ? app.copied : app.copy}</span>
    </button>
  );
}

/** @returns whether it is in the clipboard now */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages without https have no clipboard of the new kind.
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand('copy');
    field.remove();
    return isCopied;
  }
}
