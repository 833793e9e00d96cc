import '../../styles/catalog.css';
import { texts } from '../../app/language.ts';
import type { PageProps } from '../../app/page-props.ts';
import { useCatalog } from '../../parts/catalog/store.ts';
import { Failure, Loading } from '../../parts/states.tsx';
import { NodeList } from './list.tsx';
import { NodePage } from './node.tsx';

/** Everything that the project makes and reads, or what the path names of it. */
export function Page({ rest }: PageProps) {
  const { value, error, retry } = useCatalog();
  if (!value) return error ? <Failure error={error} retry={retry} /> : <Loading />;
  if (rest !== '' && !value.byName.has(rest))
    return (
      <div class="notice">
        <h1>{texts.value.lineage.noNode(rest)}</h1>
        <a href={`/ui/catalog?q=${encodeURIComponent(rest.slice(rest.indexOf('.') + 1))}`}>
          {texts.value.catalog.searchFor(rest.slice(rest.indexOf('.') + 1))}
        </a>
      </div>
    );
  if (rest !== '') return <NodePage key={rest} name={rest} catalog={value} />;
  return value.nodes.length === 0 ? (
    <div class="notice">
      <h1>{texts.value.catalog.empty}</h1>
      <p>{texts.value.catalog.emptyHint}</p>
    </div>
  ) : (
    <NodeList catalog={value} />
  );
}
