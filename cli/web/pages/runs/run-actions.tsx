import { useId, useState } from 'preact/hooks';
import type { RunDetail, StartedRun } from '../../../serve/ui/runs/shapes.ts';
import { texts } from '../../app/language.ts';
import { operate } from '../../app/project.ts';
import { go } from '../../app/router.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { isOperator, OperatorHint } from '../../parts/operator.tsx';
import { ActionFailure, useAction } from './use-action.tsx';

/** What an operator can do with a run: end it while it goes on, take it up again where it did not end well. */
export function RunActions({
  run,
  reload,
}: {
  readonly run: RunDetail;
  readonly reload: () => Promise<void>;
}) {
  const { actions } = texts.value.runs;
  const id = useId();
  if (run.status === 'succeeded') return null;
  if (run.status === 'running' && run.isCancelling)
    return (
      <p class="dim" role="status">
        {actions.cancelling}
      </p>
    );
  const describedBy = isOperator() ? undefined : id;
  return (
    <div class="run-actions">
      {run.status === 'running' ? (
        <CancelButton run={run} reload={reload} describedBy={describedBy} />
      ) : (
        <RetryButton run={run} describedBy={describedBy} />
      )}
      <OperatorHint id={id} text={actions.signInFirst} />
    </div>
  );
}

function CancelButton({
  run: { runId },
  reload,
  describedBy,
}: {
  readonly run: RunDetail;
  readonly reload: () => Promise<void>;
  readonly describedBy: string | undefined;
}) {
  const { actions } = texts.value.runs;
  const [isAsking, setAsking] = useState(false);
  const cancel = useAction(async () => {
    await operate(`/ui/api/runs/${runId}/cancel`, {});
    setAsking(false);
    await reload();
  });
  return (
    <>
      <button
        type="button"
        disabled={!isOperator()}
        aria-describedby={describedBy}
        onClick={() => setAsking(true)}
      >
        {actions.cancel}
      </button>
      {isAsking && (
        <Dialog title={actions.cancelTitle(String(runId))} onClose={() => setAsking(false)}>
          <p>{actions.cancelText}</p>
          <ActionFailure action={cancel} />
          <p class="choices">
            <button type="button" class="danger" disabled={cancel.isActing} onClick={() => void cancel.act()}>
              {actions.cancel}
            </button>
            <button type="button" onClick={() => setAsking(false)}>
              {actions.keep}
            </button>
          </p>
        </Dialog>
      )}
    </>
  );
}

function RetryButton({
  run: { runId },
  describedBy,
}: {
  readonly run: RunDetail;
  readonly describedBy: string | undefined;
}) {
  const { actions } = texts.value.runs;
  const retry = useAction(async () => {
    const started = await operate<StartedRun>(`/ui/api/runs/${runId}/retry`, {});
    go(`/ui/runs/${started.runId}`);
  });
  return (
    <>
      <button
        type="button"
        class="primary"
        disabled={!isOperator() || retry.isActing}
        aria-describedby={describedBy}
        title={actions.retryHint}
        onClick={() => void retry.act()}
      >
        {actions.retry}
      </button>
      <ActionFailure action={retry} />
    </>
  );
}
