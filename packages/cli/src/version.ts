import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** This command's version. The packages are released together, so it is theirs too. */
export const CLI_VERSION: string = version;
