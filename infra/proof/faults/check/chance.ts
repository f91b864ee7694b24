/** So seldom may chance alone be taken for a broken promise: of the hundred windows of three long runs, in none. */
const SELDOM = 0.001;

/**
 * Whether `met` of `n` are more than chance makes of it where a share `rate` (0..1) of them is allowed: the upper tail of
 * the binomial distribution. A few hundred requests with a true 99th percentile at a limit are beyond it every other time.
 */
export function isBeyondChance(met: number, n: number, rate: number): boolean {
  if (met === 0) return false;
  if (rate === 0) return true;
  // The chance of fewer than `met`, term by term.
  let term = (1 - rate) ** n;
  let fewer = 0;
  for (let k = 0; k < met; k += 1) {
    fewer += term;
    term *= ((n - k) / (k + 1)) * (rate / (1 - rate));
  }
  return 1 - fewer < SELDOM;
}
