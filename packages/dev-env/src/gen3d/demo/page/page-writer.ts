import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectStore } from '@tiltyard/store';
import type { NameBook } from '../story/name-book.js';
import type { RoundReport } from '../story/round-report.js';
import { type IndexPage, indexPage } from './index-page.js';
import { type DuelPictures, matchFile, matchPage } from './match-page.js';
import { openPictureBook } from './picture-book.js';
import { roundPage } from './round-page.js';

const PROMPT_EDGE_PX = 360;
const GRID_EDGE_PX = 640;

/** Writes the demo's pages: plain files with relative links, readable when everything else is gone. */
export interface PageWriter {
  /** Writes a round's page, one for each of its matches, and their pictures. */
  writeRound(report: RoundReport): Promise<void>;
  writeIndex(page: IndexPage): Promise<void>;
}

/** Opens a folder for pages. Pictures come from the store that the repository's URLs lead to. */
export async function openPageWriter(folder: string, store: ObjectStore, names: NameBook): Promise<PageWriter> {
  const pictures = await openPictureBook(path.join(folder, 'pictures'), store);
  const picture = async (url: string | null, edgePx: number) =>
    url === null ? undefined : await pictures.add(url, edgePx);

  return {
    async writeRound(report) {
      const place = path.join(folder, `round-${report.round}`);
      await mkdir(place, { recursive: true });
      for (const [at, match] of report.matches.entries()) {
        const shown = new Map<string, DuelPictures>();
        for (const { name, prompt, left_png, right_png } of match.duels) {
          shown.set(name, {
            prompt: await picture(prompt, PROMPT_EDGE_PX),
            left: await picture(left_png, GRID_EDGE_PX),
            right: await picture(right_png, GRID_EDGE_PX),
          });
        }
        const neighbours = { previous: report.matches[at - 1], next: report.matches[at + 1] };
        const { nameOf } = names;
        await writeWhole(
          path.join(place, matchFile(match)),
          matchPage({ report, match, pictures: shown, nameOf, neighbours }),
        );
      }
      await writeWhole(path.join(place, 'index.html'), roundPage(report, names.nameOf));
    },
    writeIndex: (page) => writeWhole(path.join(folder, 'index.html'), indexPage(page)),
  };
}

/** A reader never sees half a page. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
