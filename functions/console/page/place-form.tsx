import type { Position } from '#shared/domain/geo.ts';

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
      <summary>{at === null ? `Where is the ${stop}?` : `Move the ${stop}`}</summary>
      <button type="button" onClick={onMap}>
        Set {stop} on the map
      </button>
      <form onSubmit={submit}>
        <label>
          Latitude{' '}
          <input name="lat" type="number" step="any" min={-85.05} max={85.05} required defaultValue={at?.lat ?? ''} />
        </label>
        <label>
          Longitude{' '}
          <input name="lon" type="number" step="any" min={-180} max={180} required defaultValue={at?.lon ?? ''} />
        </label>
        <button type="submit">Set</button>
      </form>
    </details>
  );
}
