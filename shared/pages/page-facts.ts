/** What the server tells a page in `<meta name content>`; null where it does not. */
export function fact(name: string): string | null {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? null;
}
