/** Said to the person who started the program, in one line; it then ends with 1. */
export class SimulateError extends Error {}
