/** A planned time is written only when it moves by more than this: a phone's jitter is no news. */
export const WORTH_WRITING_S = 60;

/** SQL: true if a time moves from `b` to `a` by more than so many seconds, comes, or goes. */
export function movedBy(a: string, b: string, seconds = String(WORTH_WRITING_S)): string {
  return `coalesce(abs(extract(epoch FROM ${a} - ${b})) > ${seconds}, (${a} IS NULL) <> (${b} IS NULL))`;
}
