import * as assert from 'uvu/assert';
import { MedallionError } from '../../dist/errors/index.js';

/** Runs something that must throw a MedallionError; returns it for more questions. */
export async function failsWith(code: string, work: () => unknown): Promise<MedallionError> {
  try {
    await work();
  } catch (error) {
    assert.instance(error, MedallionError, String(error));
    assert.is((error as MedallionError).code, code, String(error));
    return error as MedallionError;
  }
  assert.unreachable(`nothing was thrown, ${code} was expected`);
  throw new Error('unreachable');
}

/** `file:line:column` of an error. */
export function place(error: MedallionError): string {
  const { file, line, column } = error.where ?? {};
  return [file, line, column].filter((part) => part !== undefined).join(':');
}
