import type { ProjectArguments } from './flags.js';

/** A command as people can paste it into a shell. */
export function commandLine(...words: readonly string[]): string {
  return ['npx', 'mdl', ...words]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}

/** The command that is running, once more, with other flags besides. */
export function sameCommand(...flags: readonly string[]): string {
  return commandLine(...process.argv.slice(2), ...flags);
}

/** The flags that name the project and its database, for a command that is to meet the same. */
export function projectWords(args: ProjectArguments): readonly string[] {
  return [
    ...(args.projectDir === '.' ? [] : ['--project-dir', args.projectDir]),
    ...(args.target === undefined ? [] : ['--target', args.target]),
  ];
}
