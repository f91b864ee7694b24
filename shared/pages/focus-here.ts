/**
 * As a `ref`: the focus goes to the element when it appears. For what takes the place of the button that was pressed: the
 * focus would be gone with that, and whoever works by keyboard, or listens, be thrown to the top of the page.
 */
export function focusHere(element: HTMLElement | null): void {
  element?.focus();
}
