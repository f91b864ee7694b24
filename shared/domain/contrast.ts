/** What is written on a colour; pure, so that one of the two can be read on any. */
type Ink = '#000000' | '#ffffff';

/** How bright an eye sees one of red, green and blue. */
const WEIGHTS = [0.2126, 0.7152, 0.0722];

/**
 * The contrast of two colours, 1 to 21, as WCAG 2.2 reckons it from their relative luminance.
 * @param one `#rrggbb`, as `other`
 */
export function contrastOf(one: string, other: string): number {
  const [darker = 0, brighter = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
  return (brighter + 0.05) / (darker + 0.05);
}

/** Black or white, whichever is read better on a colour: never below 4.58, where WCAG asks for 4.5. */
export function inkOn(color: string): Ink {
  return contrastOf(color, '#ffffff') >= contrastOf(color, '#000000') ? '#ffffff' : '#000000';
}

function luminanceOf(color: string): number {
  return WEIGHTS.reduce((sum, weight, place) => {
    const share = Number.parseInt(color.slice(1 + 2 * place, 3 + 2 * place), 16) / 255;
    return sum + weight * (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
  }, 0);
}
