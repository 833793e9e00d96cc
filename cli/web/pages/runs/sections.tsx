import { texts } from '../../app/language.ts';
import { path } from '../../app/router.ts';

/** The way between the history and the schedules. */
export function Sections() {
  const { runs } = texts.value;
  return (
    <nav class="sections" aria-label={runs.title}>
      {(
        [
          ['/ui/runs', runs.history],
          ['/ui/runs/schedules', runs.schedules.title],
        ] as const
      ).map(([href, name]) => (
        <a key={href} href={href} aria-current={path.value === href ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
