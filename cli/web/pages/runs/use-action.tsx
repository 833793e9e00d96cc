import { useRef, useState } from 'preact/hooks';
import { HttpError } from '../../app/http.ts';
import { loadProject } from '../../app/project.ts';
import { Failure } from '../../parts/states.tsx';

export interface Action<Given extends unknown[]> {
  readonly act: (...given: Given) => Promise<void>;
  readonly isActing: boolean;
  readonly error: unknown;
  /** Forgets the error. */
  readonly reset: () => void;
}

/** Something that an operator does: whether it is under way, and why it did not work. */
export function useAction<Given extends unknown[]>(work: (...given: Given) => Promise<void>): Action<Given> {
  const [isActing, setActing] = useState(false);
  const [error, setError] = useState<unknown>();
  const isUnderWay = useRef(false);
  const act = async (...given: Given) => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setActing(true);
    setError(undefined);
    try {
      await work(...given);
    } catch (failure) {
      setError(failure);
      // The session has ended, or began anew in another tab: the page is to know.
      if (failure instanceof HttpError && failure.status === 403) void loadProject();
    } finally {
      isUnderWay.current = false;
      setActing(false);
    }
  };
  return { act, isActing, error, reset: () => setError(undefined) };
}

/** Said where the operator acted; whose session has ended signs in again there. */
export function ActionFailure({
  action: { error, reset },
}: {
  readonly action: Pick<Action<never>, 'error' | 'reset'>;
}) {
  if (error === undefined) return null;
  const isSignedOut = error instanceof HttpError && error.status === 401;
  return (
    <div class="action-failure">
      <Failure error={error} {...(isSignedOut && { retry: reset })} />
    </div>
  );
}
