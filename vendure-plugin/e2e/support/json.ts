/** What an API answered: looked at by expectations, not by types. */
// biome-ignore lint/suspicious/noExplicitAny: naming every field of two APIs would say nothing that a test does not say
export type Json = any;
