import { useState } from 'preact/hooks';
import { texts } from '../app/language.ts';
import { project } from '../app/project.ts';
import { Dialog } from './dialog.tsx';
import { SignIn } from './sign-in.tsx';

/** Whether who is here may start and end runs. */
export function isOperator(): boolean {
  return project.value?.access.isOperator ?? false;
}

/**
 * Why what only operators may do cannot be done, and the way in; nothing for operators.
 * @param id for the `aria-describedby` of the buttons that it speaks of
 */
export function OperatorHint({ id, text }: { readonly id: string; readonly text: string }) {
  const { session, runs } = texts.value;
  const [isAsking, setAsking] = useState(false);
  const access = project.value?.access;
  if (!access || access.isOperator) return null;
  return (
    <p class="dim operator-hint">
      <span id={id}>{access.hasAdmin ? text : runs.actions.noKey}</span>{' '}
      {access.hasAdmin && (
        <button type="button" class="link" onClick={() => setAsking(true)}>
          {session.signIn}
        </button>
      )}
      {isAsking && (
        <Dialog title={session.signIn} onClose={() => setAsking(false)}>
          <SignIn after={() => setAsking(false)} />
        </Dialog>
      )}
    </p>
  );
}
