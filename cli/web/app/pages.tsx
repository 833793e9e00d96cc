import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Failure, Loading } from '../parts/states.tsx';
import { texts } from './language.ts';
import type { PageProps } from './page-props.ts';
import { path } from './router.ts';

type Load = () => Promise<{ readonly Page: ComponentType<PageProps> }>;

/** Pages by the beginning of their path; each is loaded when it is first seen. */
const pages: readonly (readonly [prefix: string, load: Load])[] = [
  ['/ui/explore', () => import('../pages/explore/page.tsx')],
  ['/ui/catalog', () => import('../pages/catalog/page.tsx')],
  ['/ui/lineage', () => import('../pages/lineage/page.tsx')],
  ['/ui/runs', () => import('../pages/runs/page.tsx')],
  ['/ui/dashboard', () => import('../pages/dashboard/page.tsx')],
];

function pageOf(path: string) {
  return path === '/'
    ? pages.at(-1)
    : pages.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
}

/** Asks for the code of the page that the path names, while the server is still asked about the project. */
export function preloadPage(): void {
  // Who needs it is told what goes wrong.
  pageOf(path.value)?.[1]().catch(() => {});
}

/** The page that the path names. */
export function CurrentPage() {
  const found = pageOf(path.value);
  if (!found) return <NotFound />;
  const [prefix, load] = found;
  return <LoadedPage key={prefix} load={load} rest={path.value.slice(prefix.length + 1)} />;
}

function LoadedPage({ load, rest }: { readonly load: Load; readonly rest: string }) {
  const [page, setPage] = useState<{ readonly Page: ComponentType<PageProps> }>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    load().then(setPage, setError);
  }, [load]);
  if (error) return <Failure error={error} retry={() => window.location.reload()} />;
  return page ? <page.Page rest={rest} /> : <Loading />;
}

function NotFound() {
  return (
    <div class="notice">
      <h1>{texts.value.app.notFound}</h1>
      <a href="/">{texts.value.app.home}</a>
    </div>
  );
}
