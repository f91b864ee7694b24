import { useEffect, useState } from 'preact/hooks';
import { askPicture } from './ask.ts';

/** A picture of the service, for `<img src>`; null while it is not there, or cannot be had. */
export function usePicture(path: string | null): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    let given: string | null = null;
    const take = (found: string) => {
      if (gone) return URL.revokeObjectURL(found);
      given = found;
      setAddress(found);
    };
    if (path !== null) askPicture(path).then(take, () => {});
    return () => {
      gone = true;
      setAddress(null);
      if (given !== null) URL.revokeObjectURL(given);
    };
  }, [path]);
  return address;
}
