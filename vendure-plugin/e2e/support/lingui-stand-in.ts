/* What our texts take from `@lingui/react`, which comes with the dashboard: a catalogue, and else the text in English. */

let catalogue: Record<string, string> = {};
let locale = 'en';
export function speak(language: string, texts: Record<string, string>): void {
  locale = language;
  catalogue = texts;
}

export function useLingui() {
  return { i18n: { locale, _: ({ id, message }: { id: string; message: string }) => catalogue[id] ?? message } };
}
