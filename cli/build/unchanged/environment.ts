/**
 * Differ from one terminal to the next, and mean nothing to most projects. A name counts as it is or begins with what ends in `_`: `STYLE` is none of these.
 */
const noise =
  /^(_|PATH|Path|NODE|EDITOR|PWD|OLDPWD|INIT_CWD|SHLVL|COLORTERM|COLUMNS|LINES|WINDOWID|DISPLAY|WAYLAND_DISPLAY|STY|TMUX|TERM|LC_TERMINAL|(TERM|SSH|TMUX|VSCODE|XDG|DBUS|GPG|npm|ITERM|KITTY|VTE|LC_TERMINAL)_\w*)$/;

/** The variables of the environment that a project may say something else by, sorted. */
export function telling(environment: NodeJS.ProcessEnv): (readonly [string, string | undefined])[] {
  return Object.entries(environment)
    .filter(([name]) => !noise.test(name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/**
 * Whether a project may read a variable that is none of the telling ones: then nothing is known of what it says the next time.
 * @param templates their texts, in which `{{env}}` reads
 * @param code texts of TypeScript: every word counts
 */
export function readsNoise(templates: Iterable<string>, code: Iterable<string>): boolean {
  // A name that is not written there may be any.
  for (const text of templates)
    for (const [, name] of text.matchAll(/\{\{[^}]*?\benv\s+(?:["']([^"']*)["'])?/g))
      if (name === undefined || noise.test(name)) return true;
  for (const text of code)
    for (const [word] of text.matchAll(/\b\w{2,}\b/g)) if (noise.test(word)) return true;
  return false;
}
