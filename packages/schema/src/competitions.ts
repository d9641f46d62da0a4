import { CONFIG_PATH, type Competition, namedCompetition } from './competition.js';
import { FormatError } from './format-error.js';
import { gen3d } from './gen3d/competition.js';

/** The competitions that this software runs. */
const COMPETITIONS: readonly Competition[] = [gen3d];

/**
 * Which competition a repository holds, as its config.json says. One that says nothing holds the first that there was.
 *
 * @param config - The text of config.json; undefined where there is none.
 * @throws FormatError `schema` for a competition that this software does not run.
 */
export function competitionOf(config: string | undefined): Competition {
  const name = namedCompetition(config) ?? gen3d.name;
  const found = COMPETITIONS.find((competition) => competition.name === name);
  if (found !== undefined) return found;
  const known = COMPETITIONS.map((competition) => competition.name).join(', ');
  const detail = `is ${JSON.stringify(name).slice(0, 100)}; this software runs ${known}`;
  throw new FormatError({ code: 'schema', path: CONFIG_PATH, field: 'competition', detail });
}
