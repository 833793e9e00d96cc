/** What a template can hand to a macro: literals of the template, or values of variables and loops. */
export type MacroValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly unknown[]
  | Readonly<Record<string, unknown>>;

/** A macro in TypeScript: a pure function from values to SQL text. */
export interface Macro {
  readonly isMedallionMacro: true;
  readonly description: string;
  readonly render: (...values: never[]) => string;
}

/**
 * Defines a macro. The name under which `macros/*.ts` exports it is its name in templates:
 * `export const to_int = defineMacro({ description: '...', render: (column: string) => `...` })` is called as
 * `{{to_int "idade"}}`. Named values (`{{money "preco" scale=2}}`) arrive together as one object after the others.
 */
export function defineMacro<Values extends readonly MacroValue[]>(definition: {
  readonly description: string;
  readonly render: (...values: Values) => string;
}): Macro {
  return {
    isMedallionMacro: true,
    description: definition.description,
    render: definition.render as unknown as Macro['render'],
  };
}
