import type { Position } from '#shared/domain/geo.ts';
import { say } from './language.ts';

export interface PlaceFormProps {
  stop: 'pickup' | 'dropoff';
  at: Position | null;
  onMap: () => void;
  onSet: (at: Position) => void;
}

/** Coordinates by a click on the map, or by hand. Open where they are missing. */
export function PlaceForm({ stop, at, onMap, onSet }: PlaceFormProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    onSet({ lat: Number(form.get('lat')), lon: Number(form.get('lon')) });
  };
  return (
    <details class="place" open={at === null}>
      <summary>{titleOf(stop, at !== null)}</summary>
      <button type="button" onClick={onMap}>
        {stop === 'pickup' ? say().place.setPickupOnMap : say().place.setDropoffOnMap}
      </button>
      <form onSubmit={submit}>
        <label>
          {say().place.latitude}{' '}
          <input name="lat" type="number" step="any" min={-85.05} max={85.05} required defaultValue={at?.lat ?? ''} />
        </label>
        <label>
          {say().place.longitude}{' '}
          <input name="lon" type="number" step="any" min={-180} max={180} required defaultValue={at?.lon ?? ''} />
        </label>
        <button type="submit">{say().place.set}</button>
      </form>
    </details>
  );
}

function titleOf(stop: PlaceFormProps['stop'], isSet: boolean): string {
  const { wherePickup, whereDropoff, movePickup, moveDropoff } = say().place;
  if (stop === 'pickup') return isSet ? movePickup : wherePickup;
  return isSet ? moveDropoff : whereDropoff;
}
