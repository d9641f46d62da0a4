import { type ParamValues, type TextParamTable, textTemplate } from './text-template.js';

/** Any file's parameters, for code that handles every file alike. */
export type PathValues = Readonly<Record<string, string | number | undefined>>;

/** A compiled path template. */
export interface PathTemplate<Params = PathValues> {
  readonly template: string;
  /** The path with these parameters. @throws RangeError when one is missing or malformed. */
  format(params: Params): string;
  /** The parameters of a path, or undefined when it is not of this template. */
  match(path: string): Params | undefined;
  /** Whether a path of this template may lie in a folder, or below it. */
  mayLieIn(folder: string): boolean;
}

/** Compiles a template such as `rounds/{round}/{side}/submitted.json`. @param table - What its parameters may be. */
export function pathTemplate<Template extends string, Table extends TextParamTable>(
  template: Template,
  table: Table,
): PathTemplate<ParamValues<Template, Table>> {
  const text = textTemplate(template, table);
  const names = template.split('/');
  const folders = names.slice(1).map((_, depth) => textTemplate(names.slice(0, depth + 1).join('/'), table));
  return {
    template,
    match: text.match,
    mayLieIn: (folder) => folders.some((one) => one.fits(folder)),
    format(params) {
      const path = text.fill(params);
      if (!text.fits(path)) throw new RangeError(`${path} is not a path of ${template}`);
      return path;
    },
  };
}
