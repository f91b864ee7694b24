import { useRef, useState } from 'preact/hooks';
import { texts } from './language.ts';
import { addPoint, BOX, pathOf, type Stroke } from './signature.ts';

/** The recipient writes on the glass. What has been written is the data of an SVG path; null: nothing, or not enough. */
export function SignaturePad({ onSigned }: { onSigned: (path: string | null) => void }) {
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const writing = useRef<readonly Stroke[] | null>(null);
  const said = texts;
  const at = (event: PointerEvent): readonly [number, number] => {
    const { left, top, width, height } = (event.currentTarget as SVGElement).getBoundingClientRect();
    return [((event.clientX - left) / width) * BOX.width, ((event.clientY - top) / height) * BOX.height];
  };
  const show = (next: readonly Stroke[]) => {
    setStrokes(next);
    onSigned(pathOf(next));
  };
  const move = (event: PointerEvent) => {
    if (writing.current === null) return;
    writing.current = addPoint(writing.current, at(event));
    show(writing.current);
  };
  const begin = (event: PointerEvent) => {
    // The stroke goes on where the finger leaves the box for a moment.
    (event.currentTarget as SVGElement).setPointerCapture(event.pointerId);
    writing.current = [...strokes, []];
    move(event);
  };
  const end = () => {
    writing.current = null;
  };
  return (
    <div class="signature">
      <p>{said.signHere}</p>
      <svg
        role="img"
        aria-label={said.signature}
        viewBox={`0 0 ${BOX.width} ${BOX.height}`}
        onPointerDown={begin}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
      >
        <path d={pathOf(strokes) ?? ''} />
      </svg>
      {strokes.length > 0 && (
        <button class="quiet" type="button" onClick={() => show([])}>
          {said.signAgain}
        </button>
      )}
    </div>
  );
}
