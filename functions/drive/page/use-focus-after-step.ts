import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * A step takes its own button away, and with it the focus: that goes to the heading of what comes next, or to the page's
 * where nothing does. Only after a step: an order that comes by itself takes the focus from nobody.
 * @param shown what there is to do, in a word that a step makes another one
 */
export function useFocusAfterStep(shown: string): {
  next: RefObject<HTMLHeadingElement | null>;
  top: RefObject<HTMLHeadingElement | null>;
  noteStep: () => void;
} {
  const [next, top] = [useRef<HTMLHeadingElement>(null), useRef<HTMLHeadingElement>(null)];
  const stepped = useRef(false);
  useLayoutEffect(() => {
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (stepped.current && isLost) (next.current ?? top.current)?.focus();
    stepped.current = false;
  }, [shown]);
  return {
    next,
    top,
    noteStep() {
      stepped.current = true;
    },
  };
}
