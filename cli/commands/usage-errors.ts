import { didYouMean, MedallionError } from '../errors/index.js';

/** What yargs refused, as an error with a code. */
export function usageError(message: string): MedallionError {
  return new MedallionError('MDL1004', { message });
}

export function unknownCommand(name: string, known: readonly string[]): MedallionError {
  return new MedallionError('MDL1004', {
    message: `There is no command "${name}".`,
    hint: `${didYouMean(name, known)} See them all with: npx mdl --help`,
  });
}

/**
 * Names the flags that were meant.
 * @param error what yargs refused; @param help draws that of the command, which lists its flags
 * @returns undefined when unknown arguments were not the reason
 */
export async function unknownArguments(
  error: unknown,
  help: () => Promise<string>,
): Promise<MedallionError | undefined> {
  const listed = error instanceof MedallionError && /^Unknown arguments?: (.+)$/.exec(error.message)?.[1];
  if (!listed) return undefined;
  const known = [...(await help()).matchAll(/--([a-z][a-z-]*)/g)].map((match) => match[1]!);
  // yargs names a flag with a dash a second time, in camel case.
  const unknown = listed
    .split(', ')
    .filter((name, _, all) => !all.some((other) => other !== name && camelCase(other) === name));
  const isFlag = (name: string) =>
    process.argv.some((argument) => argument.replace(/=.*/, '') === `--${name}`);
  const [first] = unknown;
  if (process.argv.includes('psql'))
    return new MedallionError('MDL1004', {
      message: `mdl db psql does not know ${unknown.join(', ')}.`,
      hint: "What follows -- goes to psql: npx mdl db psql -- -c 'select 1'",
    });
  if (!isFlag(first!))
    return new MedallionError('MDL1004', { message: `Unknown argument: ${unknown.join(', ')}` });
  return new MedallionError('MDL1004', {
    message: `Unknown flag: ${unknown.map((name) => `--${name}`).join(', ')}`,
    hint: didYouMean(first!, new Set(known)).replaceAll(/(mean | or )(?=[a-z])/g, '$1--'),
  });
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
