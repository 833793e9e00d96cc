import type { ErrorRecord } from '../../../serve/ui/runs/shapes.ts';
import { texts } from '../../app/language.ts';

/** An error of a run: what, where, what Postgres says, what to do. */
export function ErrorBox({
  error,
  tone = 'bad',
}: {
  readonly error: ErrorRecord;
  /** `warn`: somebody wanted it so. */
  readonly tone?: 'bad' | 'warn';
}) {
  const words = texts.value.runs.error;
  const { code, message, where, hint, postgres } = error;
  const place =
    where && [where.file, where.line, where.column].filter((part) => part !== undefined).join(':');
  return (
    <div class={`run-error ${tone}`}>
      <p class="message">
        <code>{code}</code> {message}
      </p>
      <dl>
        {place && <Fact name={words.at} text={place} isCode />}
        {postgres?.detail && <Fact name={words.detail} text={postgres.detail} />}
        {postgres?.hint && <Fact name={words.postgresHint} text={postgres.hint} />}
        <Fact name={words.hint} text={hint} />
      </dl>
    </div>
  );
}

function Fact({
  name,
  text,
  isCode = false,
}: {
  readonly name: string;
  readonly text: string;
  readonly isCode?: boolean;
}) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{isCode ? <code>{text}</code> : text}</dd>
    </>
  );
}
