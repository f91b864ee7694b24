/** With so many digits a position is of one place, and no other number in a log looks like it. */
const POSITION = /"(?:lat|lon)":(-?\d+\.\d{6,})/g;
const PROOF = /"(?:token|key)":"([\w.~-]{20,})"/g;
const LINK = /\/track\/([\w-]{20,})/g;

/** What a request and its answer say that no log line may: exact positions, tokens, keys, customers' links. */
export function secretsIn(request: string, answer: string): readonly string[] {
  return [POSITION, PROOF, LINK].flatMap((kind) =>
    [request, answer].flatMap((text) => [...text.matchAll(kind)].map(([, secret = '']) => secret)),
  );
}
