import { type Competition, knownPathIn, OPERATOR } from '@tiltyard/schema';

/** What the trust in a repository's files asks of its competition. */
export interface SignedPaths {
  /** The file that lists the keys, and its path. */
  readonly signers: { readonly file: Competition['files']['allowedSigners']; readonly path: string };
  /** Whose signature a path needs, once keys are listed; undefined for a path that nothing is derived from. */
  mustSign(path: string): readonly string[] | undefined;
  /** Whether a path that needs a signature may lie in a folder, or below it. */
  mayLieIn(folder: string): boolean;
}

/** How deep below an operator's folder files are looked at. */
const OPERATOR_DEPTH = 3;

/** The paths of a competition that are signed. */
export function signedPaths({ files, operatorFolders }: Competition): SignedPaths {
  const file = files.allowedSigners;
  return {
    signers: { file, path: file.path.format({}) },
    mustSign(path) {
      if (operatorFolders.some((folder) => path.startsWith(`${folder}/`))) return [OPERATOR];
      const known = knownPathIn(files, path)?.file;
      return known === undefined || known.change.kind === 'report' ? undefined : known.writers;
    },
    mayLieIn(folder) {
      const [top = '', ...below] = folder.split('/');
      if (operatorFolders.includes(top)) return below.length <= OPERATOR_DEPTH;
      return Object.values(files).some((one) => one.path.mayLieIn(folder));
    },
  };
}
