/** A parameter of a text template: how it is written, and as what it is read. */
export interface TextParam<T> {
  /** The source of a regular expression that captures nothing, of bounded length: texts are matched in linear time. */
  readonly pattern: string;
  read(text: string): T;
  /** Its text, where that is not what `String` makes of it. */
  write?(value: T): string;
}

/** The parameters that the templates of a competition may hold, by name. */
export type TextParamTable = Readonly<Record<string, TextParam<unknown>>>;

/** The values of a template's parameters: those that it names, as the table reads them. */
export type ParamValues<Template extends string, Table extends TextParamTable> = {
  readonly [Name in ParamNames<Template> & keyof Table]: Table[Name] extends TextParam<infer T> ? T : never;
};
type ParamNames<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;

/** A compiled template. */
export interface TextTemplate<Params> {
  readonly template: string;
  /** The text with these parameters, whether it fits the template or not. */
  fill(params: Params): string;
  /** Whether a text is one of this template. */
  fits(text: string): boolean;
  /** The parameters of a text, or undefined when it is not of this template. */
  match(text: string): Params | undefined;
}

/** Compiles a template such as `rounds/{round}/seed.json`. @throws RangeError for a parameter that the table lacks. */
export function textTemplate<Template extends string, Table extends TextParamTable>(
  template: Template,
  table: Table,
): TextTemplate<ParamValues<Template, Table>> {
  type Params = ParamValues<Template, Table>;
  const parts = template.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return name === undefined ? part : { name, param: paramOf(table, name) };
  });
  const params = parts.filter((part) => typeof part !== 'string');
  const source = parts.map((part) =>
    typeof part === 'string' ? part.replace(/[.*+?^$()|[\]\\]/g, '\\$&') : `(${part.param.pattern})`,
  );
  // linear: known text, and parameters of bounded length
  const regex = new RegExp(`^${source.join('')}$`);
  return {
    template,
    fill(values) {
      const texts = parts.map((part) => {
        if (typeof part === 'string') return part;
        const { write = String } = part.param;
        return write((values as Readonly<Record<string, unknown>>)[part.name]);
      });
      return texts.join('');
    },
    fits: (text) => regex.test(text),
    match(text) {
      const match = regex.exec(text);
      if (match === null) return undefined;
      const values: Record<string, unknown> = {};
      for (const [index, { name, param }] of params.entries()) values[name] = param.read(match[index + 1] ?? '');
      return values as Params;
    },
  };
}

function paramOf(table: TextParamTable, name: string): TextParam<unknown> {
  const param = table[name];
  if (param === undefined) throw new RangeError(`unknown parameter ${name}`);
  return param;
}
