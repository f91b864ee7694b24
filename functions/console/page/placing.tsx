import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { Position } from '#shared/domain/geo.ts';
import { say } from './language.ts';
import { nameOf } from './store.ts';

/** A stop that waits for a click on the map. */
export interface Placing {
  delivery: DeliveryView;
  stop: 'pickup' | 'dropoff';
}
/** Where it was put. */
export type Placed = Placing & { at: Position };

/** So long a click can be taken back. Then the order is planned, and a driver who was told cannot be untold. */
const UNDO_MS = 5_000;

/** Says which order it is about. Enter and Escape count from the beginning, wherever the focus is. */
export function PlacingBar({
  placing,
  onMiddle,
  onStop,
}: {
  placing: Placing;
  onMiddle: () => void;
  onStop: () => void;
}) {
  const bar = useRef<HTMLDivElement>(null);
  const latest = useRef({ onMiddle, onStop });
  latest.current = { onMiddle, onStop };
  // An effect would wait for the next picture, and on a busy machine a key come before it.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key === 'Escape') latest.current.onStop();
      // Not what the button that began it, or a field, would make of it; but the bar's own buttons work.
      if (event.key !== 'Enter' || bar.current?.contains(event.target as Node)) return;
      event.preventDefault();
      event.stopPropagation();
      latest.current.onMiddle();
    };
    document.addEventListener('keydown', pressed, { capture: true });
    return () => document.removeEventListener('keydown', pressed, { capture: true });
  }, []);
  return (
    <div class="placing-bar" role="status" ref={bar}>
      <span>
        {(placing.stop === 'pickup' ? say().map.clickPickup : say().map.clickDropoff)(nameOf(placing.delivery))}
      </span>
      <button type="button" onClick={onStop}>
        {say().map.stop}
      </button>
    </div>
  );
}

/** What was put there counts in a moment, unless it is taken back. */
export function PlacedBar({
  placed,
  onCommit,
  onUndo,
}: {
  placed: Placed;
  onCommit: (placed: Placed) => void;
  onUndo: () => void;
}) {
  useEffect(() => {
    const timer = setTimeout(() => onCommit(placed), UNDO_MS);
    const leave = () => onCommit(placed);
    addEventListener('pagehide', leave);
    return () => {
      clearTimeout(timer);
      removeEventListener('pagehide', leave);
    };
  }, [placed]);
  return (
    <div class="placing-bar" role="status">
      <span>
        {(placed.stop === 'pickup' ? say().map.pickupIsThere : say().map.dropoffIsThere)(nameOf(placed.delivery))}
      </span>
      <button type="button" onClick={onUndo}>
        {say().map.undo}
      </button>
    </div>
  );
}
