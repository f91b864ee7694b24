/** What the service sends again for one request, at most: the statement behind it has to end in time. */
const AT_ONCE = 5_000;

/**
 * Has everything sent again that did not arrive, however much that is.
 * @param replay asks for it once, and answers how many events that were; those that are under way by then are not counted
 * @returns how many in all. @throws Refusal
 */
export async function replayAll(replay: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (;;) {
    const replayed = await replay();
    sum += replayed;
    if (replayed < AT_ONCE) return sum;
  }
}
