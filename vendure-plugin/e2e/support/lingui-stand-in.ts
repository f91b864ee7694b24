/* What our texts take from `@lingui/core` and `@lingui/react`, which come with the dashboard: a catalogue, and else the text in English. */

let catalogue: Record<string, string> = {};
let locale = 'en';
export function speak(language: string, texts: Record<string, string>): void {
  locale = language;
  catalogue = texts;
}

export const i18n = {
  get locale() {
    return locale;
  },
  _: ({ id, message }: { id: string; message: string }) => catalogue[id] ?? message,
};
export function useLingui() {
  return { i18n };
}
