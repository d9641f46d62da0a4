import { VIEW_SETS, type View } from '@tiltyard/render';
import { CliError } from '../../cli-error.js';

const KNOWN = new Map<string, View>(
  Object.values(VIEW_SETS).flatMap(({ views }) => views.map((view): [string, View] => [view.name, view])),
);

/**
 * The view that `--view` means: a name of the view sets, or `AZIMUTH,ELEVATION` in degrees.
 *
 * @throws CliError `usage`.
 */
export function chosenView(text: string): Pick<View, 'azimuth' | 'elevation' | 'background'> {
  const known = KNOWN.get(text);
  if (known !== undefined) return known;
  const groups = /^(?<azimuth>-?\d+(\.\d+)?),(?<elevation>-?\d+(\.\d+)?)$/.exec(text)?.groups;
  if (groups === undefined) {
    const names = [...KNOWN.keys()].join(', ');
    throw new CliError({
      code: 'usage',
      detail: `--view "${text}" is neither AZIMUTH,ELEVATION in degrees nor one of ${names}.`,
    });
  }
  return { azimuth: Number(groups.azimuth), elevation: Number(groups.elevation), background: 0xffffff };
}
