/**
 * Counts in words, by a language's own rules (`Intl.PluralRules`); `#` stands for the number, in the language's digits.
 * Which forms a language has is in its type: one that is missing does not compile.
 */
export function countsIn<Form extends Intl.LDMLPluralRule>(
  language: string,
): (count: number, forms: Readonly<Record<Form, string>>) => string {
  const rules = new Intl.PluralRules(language);
  const digits = new Intl.NumberFormat(language);
  return (count, forms) => forms[rules.select(count) as Form].replaceAll('#', digits.format(count));
}
