import { HttpError } from '../app/http.ts';
import { texts } from '../app/language.ts';
import { project } from '../app/project.ts';
import { SignIn } from './sign-in.tsx';

export function Loading() {
  return (
    <p class="loading" role="status">
      {texts.value.app.loading}
    </p>
  );
}

/** What went wrong, and what can be done; who may not see something is asked to sign in. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const { app, session } = texts.value;
  if (error instanceof HttpError && error.status === 401)
    return (
      <section class="notice" aria-label={session.needed}>
        <h2>{session.needed}</h2>
        <p>{error.code === 'UI401' ? session.neededHint : error.message}</p>
        {error.code === 'UI401' && project.value && !project.value.access.hasAdmin ? (
          <p class="dim">{session.noKey}</p>
        ) : (
          <SignIn {...(retry && { after: retry })} />
        )}
      </section>
    );
  return (
    <div class="notice error" role="alert">
      <strong>{app.failed}</strong>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      {error instanceof HttpError && error.details && <p>{error.details}</p>}
      {error instanceof HttpError && error.hint && <p class="dim">{error.hint}</p>}
      {error instanceof HttpError && <p class="dim">{error.code}</p>}
      {retry && (
        <button type="button" onClick={retry}>
          {app.retry}
        </button>
      )}
    </div>
  );
}
