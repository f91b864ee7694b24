let digits = new Intl.NumberFormat('en');

/** From now on counts have the digits of a locale: a language's own are not those of every country that speaks it. */
export function writeDigitsAs(locale: string): void {
  digits = new Intl.NumberFormat(locale);
}

/** A number that nothing is counted by, such as an age. */
export function numberText(number: number): string {
  return digits.format(number);
}

/**
 * Counts in words, by a language's own rules (`Intl.PluralRules`); `#` stands for the number. Which forms a language has
 * is in its type: one that is missing does not compile.
 */
export function countsIn<Form extends Intl.LDMLPluralRule>(
  language: string,
): (count: number, forms: Readonly<Record<Form, string>>) => string {
  const rules = new Intl.PluralRules(language);
  return (count, forms) => forms[rules.select(count) as Form].replaceAll('#', digits.format(count));
}
