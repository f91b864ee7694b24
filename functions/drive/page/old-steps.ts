import { newKey, type Step } from './steps.ts';

/** As it stands in `localStorage`, where steps were kept before. */
interface OldStep extends Omit<Step, 'id' | 'driverId' | 'place' | 'title' | 'photoUrl'> {
  /** A JPEG as a data URL. */
  photo?: string;
}

/** Of the first version, which knew one driver to a phone. */
const FIRST_SHELF = 'drive.steps';

/** What an earlier version of this page has kept of a driver's steps, in the words of this one, ahead of all newer. */
export function readOldSteps(driverId: string): {
  steps: readonly { step: Step; photo: Blob | undefined }[];
  forget(): void;
} {
  // A worker has none.
  if (typeof localStorage === 'undefined') return { steps: [], forget() {} };
  const shelves = [FIRST_SHELF, `drive.steps.${driverId}`];
  const old = shelves.flatMap((shelf): OldStep[] => JSON.parse(localStorage.getItem(shelf) ?? '[]'));
  const steps = old.map(({ photo, ...step }, nth) => ({
    // The same id whenever it is read: it is not kept twice where there was no room for all.
    step: { ...step, id: step.key ?? newKey(), driverId, place: nth - old.length, title: step.deliveryId.slice(-6) },
    photo: photo === undefined ? undefined : blobOf(photo),
  }));
  const forget = () => {
    for (const shelf of shelves) localStorage.removeItem(shelf);
  };
  return { steps, forget };
}

function blobOf(dataUrl: string): Blob {
  const [, base64 = ''] = dataUrl.split(',', 2);
  return new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], { type: 'image/jpeg' });
}
