import { useId, useState } from 'preact/hooks';
import { HttpError } from '../app/http.ts';
import { texts } from '../app/language.ts';
import { signIn } from '../app/project.ts';

/** Asks for a key: the operator's, or one of the API. */
export function SignIn({ after }: { readonly after?: () => void }) {
  const { session } = texts.value;
  const id = useId();
  const [wrong, setWrong] = useState<string>();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const key = String(new FormData(form).get('key') ?? '').trim();
    try {
      await signIn(key);
      form.reset();
      setWrong(undefined);
      after?.();
    } catch (error) {
      setWrong(error instanceof HttpError && error.status !== 401 ? error.message : session.wrong);
    }
  };
  return (
    <form class="sign-in" onSubmit={submit}>
      <label for={id}>{session.key}</label>
      <input
        id={id}
        name="key"
        type="password"
        autocomplete="current-password"
        required
        aria-describedby={`${id}-hint`}
      />
      <button type="submit" class="primary">
        {session.signIn}
      </button>
      <p id={`${id}-hint`} class="dim">
        {session.hint}
      </p>
      <p role="alert">{wrong}</p>
    </form>
  );
}
