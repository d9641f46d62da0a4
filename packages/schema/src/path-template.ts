import { Hotkey, LEADER, ROUND_PATTERN, type Side } from './names.js';

/** What may stand in a path template, and as what it is read. */
export interface PathParamTypes {
  readonly round: number;
  /** A folder of one side: a hotkey, or `leader`. */
  readonly side: Side;
  /** The first ten characters of a match's defender, or `leader`. */
  readonly left: string;
}

/** The parameters of a path template: `PathParams<'rounds/{round}/seed.json'>` is `{ round: number }`. */
export type PathParams<Template extends string> = {
  readonly [Name in PathParamNames<Template>]: PathParamTypes[Name];
};
type PathParamNames<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? (Name & keyof PathParamTypes) | PathParamNames<Rest>
  : never;

/** Any file's parameters, for code that handles every file alike. */
export type AnyPathParams = Partial<PathParamTypes>;

const PATTERNS: Readonly<Record<keyof PathParamTypes, string>> = {
  round: ROUND_PATTERN,
  side: `${LEADER}|[1-9A-HJ-NP-Za-km-z]{46,48}`,
  left: `${LEADER}|[1-9A-HJ-NP-Za-km-z]{10}`,
};

/** A compiled path template. */
export interface PathTemplate<Template extends string = string> {
  readonly template: Template;
  /** The path with these parameters. @throws RangeError when one is missing or malformed. */
  format(params: PathParams<Template>): string;
  /** The parameters of a path, or undefined when it is not of this template. */
  match(path: string): PathParams<Template> | undefined;
}

/** Compiles a template such as `rounds/{round}/{side}/submitted.json`. */
export function pathTemplate<Template extends string>(template: Template): PathTemplate<Template> {
  const source = template
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return part.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
      const pattern = PATTERNS[name as keyof PathParamTypes];
      if (pattern === undefined) throw new RangeError(`unknown path parameter ${name}`);
      return `(?<${name}>${pattern})`;
    })
    .join('');
  // linear: known text, and parameters of bounded length
  const regex = new RegExp(`^${source}$`);
  return {
    template,
    format(params) {
      const values = params as Readonly<Record<string, string | number>>;
      const path = template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
      if (!regex.test(path)) throw new RangeError(`${path} is not a path of ${template}`);
      return path;
    },
    match(path) {
      const groups = regex.exec(path)?.groups;
      if (groups === undefined) return regex.test(path) ? ({} as PathParams<Template>) : undefined;
      const { round, side, left } = groups;
      const params: AnyPathParams = {
        ...(round === undefined ? {} : { round: Number(round) }),
        ...(side === undefined ? {} : { side: side === LEADER ? LEADER : Hotkey.parse(side) }),
        ...(left === undefined ? {} : { left }),
      };
      return params as PathParams<Template>;
    },
  };
}
