/**
 * The file name of a submission's "source" on a network on one machine: where its builder looks for what a real one would
 * clone. The schema holds repository and commit to characters that are safe here.
 */
export function localSourceName({ repo, commit }: { readonly repo: string; readonly commit: string }): string {
  return `${repo.replace('/', '__')}@${commit}.json`;
}
