import * as v from 'valibot';
import { list } from './nouns.ts';

/** A list of what drivers have to bring, of these. */
export function proofParts<const Part extends string>(parts: readonly Part[]) {
  return list(v.picklist(parts, `must be one of ${parts.join(', ')}`), { max: parts.length });
}
