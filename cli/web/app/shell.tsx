import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.tsx';
import { Search } from '../parts/search/search.tsx';
import { SignIn } from '../parts/sign-in.tsx';
import { Failure, Loading } from '../parts/states.tsx';
import { formatMoment } from './format.ts';
import { apiKey } from './http.ts';
import { chooseLanguage, inLanguage, type Language, language, languageNames, texts } from './language.ts';
import { isConnected } from './live.ts';
import { CurrentPage } from './pages.tsx';
import { loadProject, project, signOut, trouble } from './project.ts';
import { path } from './router.ts';
import { chooseTheme, type Theme, theme, themes } from './theme.ts';

/** What is around each page: the name, the way to the pages, language, theme and who is there. */
export function Shell() {
  const { app } = texts.value;
  const shown = project.value;
  const title = shown ? inLanguage(shown.title) : 'Medallion';
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <>
      <a class="skip" href="#content">
        {app.skip}
      </a>
      <header class="top">
        <a class="brand" href="/">
          <img src="/ui/icon.svg" alt="" width="22" height="22" />
          <span>{title}</span>
        </a>
        <nav aria-label={app.navigation}>
          <NavLink href="/" isCurrent={path.value === '/' || path.value.startsWith('/ui/dashboard')}>
            {app.dashboards}
          </NavLink>
          <NavLink href="/ui/explore">{app.explore}</NavLink>
          <NavLink href="/ui/catalog">{app.catalog}</NavLink>
          <NavLink href="/ui/lineage">{app.lineage}</NavLink>
          <NavLink href="/ui/runs">{app.runs}</NavLink>
        </nav>
        <div class="tools">
          <Published />
          <Search />
          <Choices />
          <Who />
        </div>
      </header>
      {!isConnected.value && (
        <p class="offline" role="status">
          {app.offline}
        </p>
      )}
      <main id="content" tabIndex={-1}>
        {shown ? (
          <CurrentPage />
        ) : trouble.value ? (
          <Failure error={trouble.value} retry={loadProject} />
        ) : (
          <Loading />
        )}
      </main>
    </>
  );
}

function NavLink({
  href,
  isCurrent = path.value === href || path.value.startsWith(`${href}/`),
  children,
}: {
  readonly href: string;
  readonly isCurrent?: boolean;
  readonly children: string;
}) {
  const link = useRef<HTMLAnchorElement>(null);
  // On a narrow screen the way to the pages scrolls: where one is has to be seen.
  useEffect(() => {
    if (isCurrent) link.current!.parentElement!.scrollLeft = link.current!.offsetLeft - 24;
  }, [isCurrent]);
  return (
    <a ref={link} href={href} aria-current={isCurrent ? 'page' : undefined}>
      {children}
    </a>
  );
}

function Published() {
  const published = project.value?.published;
  if (!project.value) return null;
  return (
    <span class="published dim" aria-live="polite">
      {published ? texts.value.app.published(formatMoment(published.at)) : texts.value.app.neverPublished}
    </span>
  );
}

function Choices() {
  const { app } = texts.value;
  return (
    <>
      <label class="choice">
        <span class="hidden">{app.language}</span>
        <select
          value={language.value}
          onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}
        >
          {Object.entries(languageNames).map(([code, name]) => (
            <option key={code} value={code} lang={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="choice">
        <span class="hidden">{app.theme.label}</span>
        <select value={theme.value} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
          {themes.map((name) => (
            <option key={name} value={name}>
              {app.theme[name]}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

function Who() {
  const { session } = texts.value;
  const [isAsking, setAsking] = useState(false);
  const access = project.value?.access;
  if (!access) return null;
  if (access.isOperator || apiKey.value !== null)
    return (
      <button type="button" onClick={() => void signOut()}>
        {session.signOut}
      </button>
    );
  if (!access.hasAdmin) return null;
  return (
    <>
      <button type="button" onClick={() => setAsking(true)}>
        {session.signIn}
      </button>
      {isAsking && (
        <Dialog title={session.signIn} onClose={() => setAsking(false)}>
          <SignIn after={() => setAsking(false)} />
        </Dialog>
      )}
    </>
  );
}
