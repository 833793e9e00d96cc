import { useId, useState } from 'preact/hooks';
import type { StartedRun, StartRun } from '../../../serve/ui/runs/shapes.ts';
import { texts } from '../../app/language.ts';
import { operate } from '../../app/project.ts';
import { go } from '../../app/router.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { isOperator, OperatorHint } from '../../parts/operator.tsx';
import { ActionFailure, useAction } from './use-action.tsx';

const commands = ['build', 'load', 'run'] as const;

/** The way for operators to begin a run. */
export function StartRunButton() {
  const { actions } = texts.value.runs;
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="run-actions">
      <button
        type="button"
        class="primary"
        disabled={!isOperator()}
        aria-describedby={isOperator() ? undefined : id}
        onClick={() => setOpen(true)}
      >
        {actions.start}
      </button>
      <OperatorHint id={id} text={actions.signInFirst} />
      {isOpen && (
        <Dialog title={actions.start} onClose={() => setOpen(false)}>
          <StartForm />
        </Dialog>
      )}
    </div>
  );
}

function StartForm() {
  const { actions } = texts.value.runs;
  const id = useId();
  const [command, setCommand] = useState<StartRun['command']>('build');
  const start = useAction(async (body: StartRun) => {
    const { runId } = await operate<StartedRun>('/ui/api/runs', body);
    go(`/ui/runs/${runId}`);
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const words = (name: string) =>
      String(form.get(name) ?? '')
        .split(/\s+/)
        .filter((word) => word !== '');
    const [select, exclude] = [words('select'), words('exclude')];
    void start.act({
      command,
      ...(select.length > 0 && { select }),
      ...(exclude.length > 0 && { exclude }),
      ...(form.has('fullRefresh') && { fullRefresh: true }),
    });
  };
  return (
    <>
      <form class="start-run" onSubmit={submit}>
        <fieldset>
          <legend>{actions.command}</legend>
          {commands.map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="command"
                value={name}
                checked={command === name}
                onChange={() => setCommand(name)}
              />
              {actions.commands[name]}
            </label>
          ))}
        </fieldset>
        {(['select', 'exclude'] as const).map((name) => (
          <div key={name} class="field">
            <label for={`${id}-${name}`}>{actions[name]}</label>
            <input
              id={`${id}-${name}`}
              name={name}
              autocomplete="off"
              spellcheck={false}
              aria-describedby={`${id}-${name}-hint`}
            />
            <p id={`${id}-${name}-hint`} class="dim">
              {actions[`${name}Hint`]}
            </p>
          </div>
        ))}
        <label class="check">
          <input type="checkbox" name="fullRefresh" />
          {actions.fullRefresh}
        </label>
        <button type="submit" class="primary" disabled={start.isActing}>
          {actions.begin}
        </button>
      </form>
      {/* Beside it: whose session has ended finds a form of its own there. */}
      <ActionFailure action={start} />
    </>
  );
}
