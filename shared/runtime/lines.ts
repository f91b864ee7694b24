/**
 * Writes lines together: those of one turn of the event loop leave in one write at its end, since a write per request
 * costs more than the rest of logging it. Nothing is held longer than the turn, so a Lambda is never frozen on a line,
 * and what is held when the process ends, however it ends, is written then.
 * @param write receives whole lines, each with its newline
 */
export function openLines(
  write: (text: string) => void = (text) => void process.stdout.write(text),
  atExit: (flush: () => void) => void = (flush) => void process.once('exit', flush),
): (line: string) => void {
  let held = '';
  let exiting = false;
  const flush = (): void => {
    const text = held;
    held = '';
    if (text !== '') write(text);
  };
  atExit(() => {
    exiting = true;
    flush();
  });
  return (line) => {
    if (held === '' && !exiting) setImmediate(flush);
    held += `${line}\n`;
    if (exiting) flush();
  };
}

let toStandardOutput: ReturnType<typeof openLines> | undefined;

/** One for all logs of the process, so that their lines keep their order. */
export function standardOutput(): (line: string) => void {
  toStandardOutput ??= openLines();
  return toStandardOutput;
}
