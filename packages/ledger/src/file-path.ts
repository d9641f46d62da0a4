import type { AnyStateFile, ParamsOf } from '@tiltyard/schema';

/** A path's parameters, left out where the path has none. */
export type ParamArgs<File> = keyof ParamsOf<File> extends never ? [params?: ParamsOf<File>] : [params: ParamsOf<File>];

/** A state file's path. @throws RangeError when a parameter is missing or malformed. */
export function pathOf<File extends AnyStateFile>(file: File, params: ParamsOf<File> | undefined): string {
  return file.path.format(params ?? {});
}
