import fs from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const CHUNK_BYTES = 1024 * 1024;
/** Whatever may be a position, a token or a key: what stands between two other characters. */
const WORD = /[\w.~-]{9,}/g;

/**
 * Reads logs line by line when all is over: who was told a token knows it later than the process that may have logged it.
 * @param secrets each in its whole length; tens of thousands of them
 */
export function readLeaks(
  logs: readonly { name: string; file: string }[],
  secrets: ReadonlySet<string>,
): { leaks: readonly string[]; lines: number } {
  const leaks: string[] = [];
  let lines = 0;
  for (const { name, file } of logs) {
    for (const line of linesOf(file)) {
      lines += 1;
      const [secret] = line.match(WORD)?.filter((word) => secrets.has(word)) ?? [];
      if (secret !== undefined) leaks.push(`${name}: ${line.replaceAll(secret, '<the forbidden text>')}`);
    }
  }
  return { leaks, lines };
}

function* linesOf(file: string): Generator<string> {
  const handle = fs.openSync(file, 'r');
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest = '';
  for (let bytes = fs.readSync(handle, chunk); bytes > 0; bytes = fs.readSync(handle, chunk)) {
    const lines = (rest + decoder.write(chunk.subarray(0, bytes))).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  fs.closeSync(handle);
  if (rest !== '') yield rest;
}
