import type { Page } from 'playwright-core';

/*
 * Whatever can be clicked answers a click on its visible centre, and nothing invisible is larger than what is seen of it:
 * an invisible radio as wide as the window takes the clicks of its neighbours.
 */

/** In the page, as text: this file is compiled for Node, which knows no document. */
const LOOK = `(() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push('the page is ' + root.scrollWidth + ' px wide, the window ' + root.clientWidth);
  const nameOf = (e) => (e.getAttribute('aria-label') || e.textContent || e.name || '').trim().slice(0, 40);
  const describe = (e) => e.tagName.toLowerCase() + (e.type ? '[' + e.type + ']' : '') + ' "' + nameOf(e) + '"';
  const isSeen = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary, [role=button], [role=switch]')) {
    const label = e.closest('label');
    const shown = isSeen(e) && getComputedStyle(e).clipPath === 'none' ? e : label;
    if (!shown || !isSeen(shown) || e.disabled) continue;
    const [own, seen] = [e.getBoundingClientRect(), shown.getBoundingClientRect()];
    if (shown !== e && (own.width > seen.width + 2 || own.height > seen.height + 2))
      faults.push(describe(e) + ' is ' + Math.round(own.width) + ' x ' + Math.round(own.height) + ' px, what is seen of it ' + Math.round(seen.width) + ' x ' + Math.round(seen.height));
    // Of a text that is broken over lines the first line; what is scrolled away is not there to be clicked.
    const box = shown.getClientRects()[0];
    if (!box || box.width === 0 || box.height === 0) continue;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const hit = document.elementFromPoint(x, y);
    if (!hit || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue;
    const scroller = shown.closest('.panel, main, aside, ul, ol');
    const clip = scroller && scroller.getBoundingClientRect();
    if (clip && (y < clip.top || y > clip.bottom || x < clip.left || x > clip.right)) continue;
    if (!shown.contains(hit) && !hit.contains(shown) && !(label && label.contains(hit)))
      faults.push('a click on ' + describe(e) + ' reaches ' + describe(hit));
  }
  return faults;
})()`;

/** @returns in words, what a click on the page as it stands would not reach */
export function clickFaults(page: Page): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>(LOOK);
}
