import { fileURLToPath } from 'node:url';

/** The template of a state repository, at the top of this one. */
export const TEMPLATE_FOLDER: string = fileURLToPath(new URL('../../../competition-state/', import.meta.url));
